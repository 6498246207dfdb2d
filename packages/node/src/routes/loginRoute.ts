/** `GET /login`: sends the browser to the provider, and gives it the login's cookie. Asks the store nothing. */
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
    const { scope } = settings
    const { url, transaction } = await client.createAuthorizationRequest({
      returnTo: requireReturnTo(request, settings),
      extra: readExtra(request, settings),
      ...(scope === undefined ? {} : { scope }),
    })
    const other = readOtherOrigin(header, request.url, settings)
    if (other !== undefined) loginAddresses.add(parseTransaction(transaction)?.state ?? "", other)
    return respondRedirect(url, loginCookies.add(readCookies(header("cookie")), transaction))
  },
})

/** In characters: as much as a server may have to keep of a parameter. */
const longestExtra = 1024

/** The parameters `extra.…` of a login: anybody may write a link to it, so that only those which the app allows go on. */
const readExtra = (request: Request, { allowedExtra }: AuthRoutesSettings): ExtraParameters => {
  const extra: Record<string, string> = {}
  for (const [parameter, value] of new URL(request.url).searchParams) {
    if (!parameter.startsWith(prefix)) continue
    const name = parameter.slice(prefix.length)
    if (!allowedExtra.includes(name)) {
      const description = `This login asks for a parameter that the app does not allow. Allowed are: ${allowedExtra.join(", ")}.`
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
