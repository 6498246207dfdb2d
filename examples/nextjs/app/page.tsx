/** A server component: it renders for the user of the cookie, and the client component does the rest. */
import { headers } from "next/headers"
import { Account } from "./account"
import { auth } from "./auth"

const Page = async () => {
  const session = await auth.session({ headers: await headers() })
  return (
    <main>
      <h1>Ellipsis Drive with Next.js</h1>
      <p>
        The server rendered this page for {session === undefined ? "someone who is not signed in" : "a user"}.
      </p>
      <Account />
    </main>
  )
}

export default Page
