/** `GET /account`: an API call behind a Bearer token (RFC 6750). */
import type { Provider } from "../grants/Provider.js"
import { jsonResponse, type PlainRequest } from "../protocol/Message.js"
import { malformed } from "../protocol/Refusal.js"
import { checkBearer } from "./checkBearer.js"
import { type Decision, type Known, refused } from "./Decision.js"

/** Handles a request for the account. */
export const accountEndpoint = (provider: Provider, request: PlainRequest, query: string): Decision => {
  const known: Known = { parameters: {} }
  if (request.method !== "GET") {
    const reason = "The account takes GET."
    return refused(
      provider,
      known,
      malformed(reason, {
        description: reason,
        status: 405,
        headers: { allow: "GET" },
        expected: "GET",
        got: request.method,
      }),
    )
  }
  if (new URLSearchParams(query).has("access_token")) {
    return refused(
      provider,
      known,
      malformed(
        "The access token is in the URL, where logs and histories keep it (RFC 9700 section 4.3.2).",
        { field: "access_token", expected: "in the Authorization header", got: "in the query" },
      ),
    )
  }
  const bearer = checkBearer(provider, known, request)
  if ("refusal" in bearer) return refused(provider, bearer.known, bearer.refusal)
  const { id, username } = bearer.user
  return {
    response: jsonResponse(200, { id, username }),
    facts: {
      ...bearer.known,
      decision: "served",
      reason: `The access token is valid; it belongs to ${username}.`,
    },
  }
}
