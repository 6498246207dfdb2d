/** A page for users alone: the server sends others to the login, which comes back here. */
import { headers } from "next/headers"
import { redirect } from "next/navigation"
import { Account } from "../../account"
import { auth } from "../../auth"

interface Props {
  params: Promise<{ id: string }>
  searchParams: Promise<Record<string, string>>
}

const MapPage = async ({ params, searchParams }: Props) => {
  const { id } = await params
  if ((await auth.session({ headers: await headers() })) === undefined) {
    const returnTo = `/maps/${id}?${new URLSearchParams(await searchParams)}`
    redirect(`/auth/login?${new URLSearchParams({ returnTo })}`)
  }
  return (
    <main>
      <h1>Map {id}</h1>
      <Account />
    </main>
  )
}

export default MapPage
