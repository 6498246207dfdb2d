/** `server.authorize`: an authorization without a browser. */

import { checkNames, OptionError } from "../common/OptionError.js"
import type { Facts } from "../log/Log.js"
import { forLog } from "../protocol/Parameters.js"
import { Refusal } from "../protocol/Refusal.js"
import { accessDenied, findUser, type VisitorDecision } from "./Approvals.js"
import { type AuthorizationRequest, readAuthorizationRequest, trustRedirect } from "./AuthorizationRequest.js"
import { issueCode, redirectLocation, refusalLocation } from "./issueCode.js"
import type { Provider } from "./Provider.js"

/** The parameters that a client would send to the authorization endpoint. */
export interface AuthorizeOptions {
  /** A registered client. */
  readonly clientId: string
  /** If it is left out, the token request must have no redirect URI either. */
  readonly redirectUri?: string
  /** The server's default if left out. */
  readonly scope?: string
  /** Returned in `redirectUrl`. */
  readonly state?: string
  /** RFC 7636 section 4.2. */
  readonly codeChallenge?: string
  /** `plain` if there is a challenge and this is left out (RFC 7636 section 4.3). */
  readonly codeChallengeMethod?: "S256" | "plain"
  /** Id or name of the user who approves; the first one if left out. */
  readonly user?: string
}

/** The result of `authorize`. */
export interface Authorized {
  readonly code: string
  /** The URL that the browser would be sent to: the redirect URI with `code` and `state`. */
  readonly redirectUrl: string
}

/** Each of these fails with an `OptionError` if the provider would refuse the request. */
export interface Authorize {
  /** Issues a code, as if the user had approved. */
  (options: AuthorizeOptions): Authorized
  /** Plans the decision of the next user who visits the authorization endpoint, without a page; can be called several times. */
  next(decision: VisitorDecision): void
  /** Lets the next user who visits the authorization endpoint refuse. */
  deny(): void
  /** Returns the redirect with `access_denied`, as if the user had refused this request. */
  deny(options: AuthorizeOptions): { readonly redirectUrl: string }
}

const wireNames = {
  clientId: "client_id",
  redirectUri: "redirect_uri",
  scope: "scope",
  state: "state",
  codeChallenge: "code_challenge",
  codeChallengeMethod: "code_challenge_method",
} as const

const optionOf = (field: string | undefined): string => {
  const name = Object.entries(wireNames).find(([, wireName]) => wireName === field)?.[0]
  return name === undefined ? "authorize" : `authorize.${name}`
}

const orFail = <T extends object>(result: T | Refusal): T => {
  if (!(result instanceof Refusal)) return result
  const { field, got, expected = "another value", reason } = result
  throw new OptionError(optionOf(field), got, expected, reason)
}

const readOptions = (provider: Provider, options: AuthorizeOptions) => {
  if (typeof options !== "object" || options === null)
    throw new OptionError("authorize", options, "{ clientId, … }")
  checkNames("authorize", options, [...Object.keys(wireNames), "user"])
  const values = new Map([["response_type", "code"]])
  for (const [name, wireName] of Object.entries(wireNames)) {
    const value: unknown = Reflect.get(options, name)
    if (typeof value === "string" && value !== "") values.set(wireName, value)
    else if (value !== undefined)
      throw new OptionError(`authorize.${name}`, value, "a string that is not empty")
  }
  const parameters = { values, repeated: [] }
  const trusted = orFail(trustRedirect(provider.settings, parameters))
  return { values, request: orFail(readAuthorizationRequest(provider.settings, trusted, parameters)) }
}

const record = (
  { clock, log }: Provider,
  request: AuthorizationRequest,
  values: ReadonlyMap<string, string>,
  facts: Pick<Facts, "decision" | "reason" | "error">,
): void => {
  log.add({
    time: clock.now(),
    endpoint: "authorize",
    method: "direct",
    path: "",
    status: 302,
    parameters: forLog(values),
    clientId: request.client.clientId,
    ...facts,
  })
}

export const createAuthorize = (provider: Provider): Authorize => {
  const { approvals, settings } = provider

  const authorize = (options: AuthorizeOptions): Authorized => {
    const { values, request } = readOptions(provider, options)
    const user = findUser("authorize.user", settings, options.user)
    const { code } = issueCode(provider, request, user)
    record(provider, request, values, {
      decision: "granted",
      reason: `The test approved as ${user.username}; a code was issued.`,
    })
    return { code, redirectUrl: redirectLocation(request.redirectUri, { code, state: request.state }) }
  }

  function deny(): void
  function deny(options: AuthorizeOptions): { readonly redirectUrl: string }
  function deny(options?: AuthorizeOptions): { readonly redirectUrl: string } | undefined {
    if (options === undefined) {
      approvals.next("deny")
      return undefined
    }
    const { values, request } = readOptions(provider, options)
    const refusal = accessDenied("The test refused.")
    record(provider, request, values, { decision: "refused", reason: refusal.reason, error: refusal.error })
    return { redirectUrl: refusalLocation(request, refusal) }
  }

  return Object.assign(authorize, { next: approvals.next, deny })
}
