/** `GET /oauth/authorize`: asks the user, or approves at once, and redirects (RFC 6749 section 4.1.2). */

import { type Approval, accessDenied } from "../grants/Approvals.js"
import { readAuthorizationRequest, trustRedirect } from "../grants/AuthorizationRequest.js"
import { issueCode, redirectLocation, refusalLocation } from "../grants/issueCode.js"
import type { Provider } from "../grants/Provider.js"
import { type PlainRequest, redirectResponse } from "../protocol/Message.js"
import { forLog, type Parameters, parseForm, readText } from "../protocol/Parameters.js"
import { malformed, Refusal } from "../protocol/Refusal.js"
import { consentPage, errorPage } from "./consentPage.js"
import { type Decision, type Known, refused } from "./Decision.js"

const readParameters = (request: PlainRequest, query: string): Parameters | Refusal => {
  if (request.method === "GET") return parseForm(query)
  if (request.body === "too large") return malformed("The body is too large.", { status: 413 })
  const text = readText(request.body)
  return text instanceof Refusal ? text : parseForm(text)
}

const methodRefusal = (method: string, allow: string): Refusal => {
  const reason = `The authorization endpoint takes ${allow}.`
  return malformed(reason, {
    description: reason,
    status: 405,
    headers: { allow },
    expected: allow,
    got: method.slice(0, 20),
  })
}

/** The choice that the user made on the consent page. */
const readApproval = ({ settings }: Provider, values: ReadonlyMap<string, string>): Approval | undefined => {
  const user = settings.users.find(({ id }) => id === (values.get("user") ?? settings.users[0].id))
  switch (values.get("decision")) {
    case "approve":
      return user === undefined ? undefined : { user }
    case "deny":
      return "deny"
    default:
      return undefined
  }
}

/** Handles an authorization request. */
export const authorizationEndpoint = (provider: Provider, request: PlainRequest, query: string): Decision => {
  const { settings, approvals } = provider
  const allow = settings.autoApprove ? "GET" : "GET, POST"
  if (!allow.split(", ").includes(request.method)) {
    return refused(provider, { parameters: {} }, methodRefusal(request.method, allow))
  }
  const parameters = readParameters(request, query)
  if (parameters instanceof Refusal) {
    return refused(provider, { parameters: {} }, parameters, errorPage(parameters))
  }
  const { values } = parameters
  const known: Known = { parameters: forLog(values), clientId: values.get("client_id")?.slice(0, 100) }

  const trusted = trustRedirect(settings, parameters)
  if (trusted instanceof Refusal) return refused(provider, known, trusted, errorPage(trusted))

  // After a form was posted, the browser must follow the redirect with GET (RFC 9700 section 4.12).
  const redirectStatus = request.method === "POST" ? 303 : 302
  const refuse = (refusal: Refusal) =>
    refused(provider, known, refusal, redirectResponse(redirectStatus, refusalLocation(trusted, refusal)))

  const accepted = readAuthorizationRequest(settings, trusted, parameters)
  if (accepted instanceof Refusal) return refuse(accepted)

  const approval =
    request.method === "POST"
      ? readApproval(provider, values)
      : (approvals.take() ?? (settings.autoApprove ? { user: settings.users[0] } : undefined))
  if (approval === undefined) {
    return {
      response: consentPage(accepted, values, settings.users),
      facts: { ...known, decision: "served", reason: "The user was asked for consent." },
    }
  }
  if (approval === "deny") return refuse(accessDenied("The user refused."))

  const { code } = issueCode(provider, accepted, approval.user)
  return {
    response: redirectResponse(
      redirectStatus,
      redirectLocation(accepted.redirectUri, { code, state: accepted.state }),
    ),
    facts: {
      ...known,
      decision: "granted",
      reason: `${approval.user.username} approved; a code was issued.`,
    },
  }
}
