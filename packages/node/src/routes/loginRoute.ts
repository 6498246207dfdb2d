/** `GET /login`: sends the browser to the provider, and gives it the login's cookie. Asks the store nothing. */
import { readCookies } from "./cookies.js"
import type { Route, RouteContext } from "./Route.js"
import { requireNavigation } from "./requestOrigin.js"
import { respondRedirect } from "./respond.js"
import { requireReturnTo } from "./returnTo.js"
import { headersOf } from "./SessionRequest.js"

export const loginRoute = ({ client, settings, loginCookies }: RouteContext): Route => ({
  method: "GET",
  answer: async (request) => {
    requireNavigation(headersOf(request))
    const { scope } = settings
    const { url, transaction } = await client.createAuthorizationRequest({
      returnTo: requireReturnTo(request, settings),
      ...(scope === undefined ? {} : { scope }),
    })
    return respondRedirect(url, loginCookies.add(readCookies(request.headers.get("cookie")), transaction))
  },
})
