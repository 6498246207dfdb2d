/** `GET /oauth/authorize`: approves at once and redirects with a code (RFC 6749 section 4.1.2). */
import {
  type AuthorizationRequest,
  readAuthorizationRequest,
  type TrustedRedirect,
  trustRedirect,
} from "./authorization-request.js"
import type { Code } from "./grants.js"
import { type PlainReply, type PlainRequest, redirectReply, textReply } from "./message.js"
import type { User } from "./options.js"
import { forLog, parseForm } from "./parameters.js"
import { type Decision, type Known, type Provider, refused } from "./provider.js"
import { Refusal } from "./refusal.js"

/** The redirect URI with more parameters; its own query stays (RFC 6749 section 3.1.2). */
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

/** Keeps a new code for what was asked. */
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

const errorPage = (refusal: Refusal): PlainReply =>
  textReply(refusal.status, `This sign-in link does not work. ${refusal.reason}\n`)

/** Decides an authorization request. */
export const authorizationEndpoint = (provider: Provider, request: PlainRequest, query: string): Decision => {
  if (request.method !== "GET") {
    return refused(
      provider,
      { parameters: {} },
      new Refusal({
        error: "invalid_request",
        description: "The authorization endpoint takes GET.",
        reason: "The authorization endpoint takes GET.",
        expected: "GET",
        got: request.method,
        status: 405,
        headers: { allow: "GET" },
      }),
    )
  }
  const parameters = parseForm(query)
  if (parameters instanceof Refusal)
    return refused(provider, { parameters: {} }, parameters, errorPage(parameters))
  const known: Known = { parameters: forLog(parameters.values), clientId: parameters.values.get("client_id") }

  const trusted = trustRedirect(provider.settings, parameters)
  if (trusted instanceof Refusal) return refused(provider, known, trusted, errorPage(trusted))

  const accepted = readAuthorizationRequest(provider.settings, trusted, parameters)
  if (accepted instanceof Refusal) {
    return refused(provider, known, accepted, redirectReply(302, refusalLocation(trusted, accepted)))
  }

  const [user] = provider.settings.users
  const { code } = issueCode(provider, accepted, user)
  return {
    reply: redirectReply(302, redirectLocation(accepted.redirectUri, { code, state: accepted.state })),
    facts: { ...known, decision: "granted", reason: `${user.username} approved; a code was issued.` },
  }
}
