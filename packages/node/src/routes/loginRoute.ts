/** `GET /login`: sends the browser to the provider, and gives it the login's cookie. Asks the store nothing. */
import { parseTransaction } from "@ellipsis-oauth/core/promise"
import { readOtherOrigin } from "./appAddress.js"
import { readCookies } from "./cookies.js"
import type { Route, RouteContext } from "./Route.js"
import { requireNavigation } from "./requestOrigin.js"
import { respondRedirect } from "./respond.js"
import { requireReturnTo } from "./returnTo.js"
import { headersOf } from "./SessionRequest.js"

export const loginRoute = ({ client, settings, loginCookies, loginAddresses }: RouteContext): Route => ({
  method: "GET",
  respond: async (request) => {
    const header = headersOf(request)
    requireNavigation(header)
    const { scope } = settings
    const { url, transaction } = await client.createAuthorizationRequest({
      returnTo: requireReturnTo(request, settings),
      ...(scope === undefined ? {} : { scope }),
    })
    const other = readOtherOrigin(header, request.url, settings)
    if (other !== undefined) loginAddresses.add(parseTransaction(transaction)?.state ?? "", other)
    return respondRedirect(url, loginCookies.add(readCookies(header("cookie")), transaction))
  },
})
