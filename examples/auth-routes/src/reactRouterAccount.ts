/** The loader of a page for users who are signed in. Others go to the login, which comes back to the page. */
import { type LoaderFunctionArgs, redirectDocument } from "react-router"
import { auth } from "./auth.js"

export const loader = async ({ request, url }: LoaderFunctionArgs) => {
  const session = await auth.session(request)
  if (session === undefined) {
    const returnTo = url.pathname + url.search
    // The login is not a page of the app: `redirect` would look for one.
    throw redirectDocument(`/auth/login?${new URLSearchParams({ returnTo })}`)
  }
  return session.ky().get("account").json<{ username: string }>()
}
