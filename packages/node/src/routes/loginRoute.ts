/** `GET /login`: sends the browser to the provider, and sets the login's cookie. Does not use the store. */
import { type ExtraParameters, parseTransaction } from "@ellipsis-oauth/core/promise"
import { Refusal } from "./AuthProblem.js"
import type { AuthRoutesSettings } from "./AuthRoutesOptions.js"
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
    const { url, transaction } = await client.createAuthorizationRequest({
      returnTo: requireReturnTo(request, settings),
      extra: readExtra(request, settings),
      scope: settings.scope,
    })
    const other = readOtherOrigin(header, request.url, settings)
    if (other !== undefined) loginAddresses.add(parseTransaction(transaction)?.state ?? "", other)
    return respondRedirect(url, loginCookies.add(readCookies(header("cookie")), transaction))
  },
})

/** In characters: the longest value of an extra parameter. */
const longestExtra = 1024

/** The parameters `extra.…` of a login. Other sites can link to the login, so only parameters that the app allows pass. */
const readExtra = (request: Request, { allowedExtra }: AuthRoutesSettings): ExtraParameters => {
  const extra: Record<string, string> = {}
  for (const [parameter, value] of new URL(request.url).searchParams) {
    if (!parameter.startsWith(prefix)) continue
    const name = parameter.slice(prefix.length)
    if (!allowedExtra.includes(name)) {
      const description = `This login link has a parameter that the app does not allow. Allowed: ${allowedExtra.join(", ")}.`
      throw new Refusal("invalid_request", description)
    }
    if (Object.hasOwn(extra, name) || value === "" || value.length > longestExtra) {
      throw new Refusal(
        "invalid_request",
        `"${parameter}" must be given once, with 1 to ${longestExtra} characters.`,
      )
    }
    extra[name] = value
  }
  return extra
}

const prefix = "extra."
