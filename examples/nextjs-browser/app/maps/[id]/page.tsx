import { RequireLogin } from "@ellipsis-oauth/react"
import Link from "next/link"
import { Account } from "../../account"

/** What is below `RequireLogin` is for users who are signed in; others are sent to the login, which comes back here. */
const MapPage = async ({ params }: { params: Promise<{ id: string }> }) => {
  const { id } = await params
  return (
    <main>
      <h1>Map {id}</h1>
      <RequireLogin fallback={<p>One moment…</p>}>
        <Account />
      </RequireLogin>
      <Link href="/home">home</Link>
    </main>
  )
}

export default MapPage
