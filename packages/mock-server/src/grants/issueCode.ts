/** Issues codes, and builds the redirects to the client. */

import type { Refusal } from "../protocol/Refusal.js"
import type { User } from "../protocol/Settings.js"
import type { AuthorizationRequest, TrustedRedirect } from "./AuthorizationRequest.js"
import type { Code } from "./Grants.js"
import type { Provider } from "./Provider.js"

/** The redirect URI with added parameters; its own query is kept (RFC 6749 section 3.1.2). */
export const redirectLocation = (
  redirectUri: string,
  parameters: Readonly<Record<string, string | undefined>>,
): string => {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, value)
  return `${redirectUri}${redirectUri.includes("?") ? "&" : "?"}${query.toString()}`
}

/** The redirect of a refusal, to a URI that is known to be the client's. */
export const refusalLocation = ({ redirectUri, state }: TrustedRedirect, refusal: Refusal): string =>
  redirectLocation(redirectUri, { error: refusal.error, error_description: refusal.description, state })

/** Issues a code for an authorization request. */
export const issueCode = ({ grants, clock }: Provider, request: AuthorizationRequest, user: User): Code =>
  grants.addCode({
    clientId: request.client.clientId,
    user,
    scope: request.scope,
    redirectUri: request.redirectUri,
    redirectUriGiven: request.redirectUriGiven,
    challenge: request.challenge,
    issuedAt: clock.now(),
  })
