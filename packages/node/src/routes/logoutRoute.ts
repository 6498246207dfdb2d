/** `POST /logout`: ends the session in the store, then removes the cookies. */
import type { Route, RouteContext } from "./Route.js"
import { isForPerson, requireOwnPage } from "./requestOrigin.js"
import { respondEmpty, respondRedirect } from "./respond.js"
import { requireReturnTo } from "./returnTo.js"
import { headersOf } from "./SessionRequest.js"

export const logoutRoute = ({ settings, sessions, sessionCookie, hintCookie }: RouteContext): Route => ({
  method: "POST",
  respond: async (request) => {
    requireOwnPage(headersOf(request), settings)
    const returnTo = requireReturnTo(request, settings)
    const id = sessionCookie.read(request.headers.get("cookie"))
    // An id without a record may be the session of another app on this host, so its cookie must stay.
    const isOwn = id === undefined || (await sessions.end(id))
    const cookies = isOwn ? [sessionCookie.remove(), hintCookie.remove()] : []
    return isForPerson(headersOf(request)) ? respondRedirect(returnTo, cookies) : respondEmpty(cookies)
  },
})
