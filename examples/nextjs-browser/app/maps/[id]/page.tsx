import { RequireLogin } from "@ellipsis-oauth/react"
import Link from "next/link"
import { Account } from "../../account"

/** A server component. The part below `RequireLogin` is for users who are signed in; others are sent to the login. */
const MapPage = async ({ params }: { params: Promise<{ id: string }> }) => {
  const { id } = await params
  return (
    <>
      <h1>Map {id}</h1>
      <RequireLogin fallback={<p>One moment…</p>}>
        <Account />
      </RequireLogin>
      <Link href="/home">home</Link>
    </>
  )
}

export default MapPage
