import { isTokenError } from "@ellipsis-oauth/node"

/** The HTTP response to an error of `auth.session` or of a call of the API, for any framework. */
export const problemOf = (error: unknown) => {
  if (!isTokenError(error)) {
    // The API refused the request, or sent something else than the app expects.
    return { status: 502, headers: {}, body: { error: "upstream_failed" } }
  }
  switch (error.action) {
    case "login": // the provider has ended the login: the page sends the user to /auth/login
      return { status: 401, headers: {}, body: { error: "login_required" } }
    case "retry": {
      const wait = error._tag === "TokenEndpointUnavailable" ? (error.retryAfter ?? 0) : 0 // milliseconds
      const seconds = Math.max(2, Math.ceil(wait / 1000))
      const headers = { "retry-after": String(seconds) }
      return { status: 503, headers, body: { error: "temporarily_unavailable" } }
    }
    case "fix":
      console.error(error)
      return { status: 500, headers: {}, body: { error: "server_error" } }
  }
}

/** The same where nobody is signed in. */
export const notSignedIn = { status: 401, headers: {}, body: { error: "login_required" } }
