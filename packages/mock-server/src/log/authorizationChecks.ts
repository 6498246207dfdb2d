/** Checks of URLs: authorization requests, and secrets in queries. */
import { type Check, finding, type Rule } from "./Finding.js"
import type { LogEntry } from "./Log.js"

const secretNames = ["client_secret", "refresh_token", "authorization_code", "code", "code_verifier"]

const secretInQuery: Check = (entries) =>
  entries.flatMap((entry) => {
    const query = entry.endpoint === "authorize" ? entry.parameters : (entry.query ?? {})
    const name = secretNames.find((secret) => secret in query)
    return name === undefined
      ? []
      : [
          finding(
            "secret-in-query",
            entry,
            "RFC 6749 section 2.3.1",
            `${name} was sent in the URL, where logs and histories keep it.`,
          ),
        ]
  })

const accessTokenInQuery: Check = (entries) =>
  entries
    .filter(({ endpoint, field }) => endpoint === "account" && field === "access_token")
    .map((entry) =>
      finding(
        "access-token-in-query",
        entry,
        "RFC 9700 section 4.3.2",
        "The access token was sent in the URL.",
      ),
    )

/** Authorization requests of a client, without those that a test made with `authorize()`. */
const authorizations = (entries: readonly LogEntry[]): readonly LogEntry[] =>
  entries.filter(({ endpoint, method }) => endpoint === "authorize" && method === "GET")

const pkce: Check = (entries, { clients }) =>
  authorizations(entries).flatMap((entry) => {
    const { code_challenge: challenge, code_challenge_method: method } = entry.parameters
    if (challenge === undefined) {
      return [
        finding(
          "missing-pkce",
          entry,
          "RFC 9700 section 2.1.1",
          "The authorization request has no code_challenge.",
          // RFC 9700 section 2.1.1: required for public clients, recommended for confidential ones.
          clients.get(entry.clientId ?? "")?.clientSecret === undefined ? "error" : "hint",
        ),
      ]
    }
    return method === "S256"
      ? []
      : [
          finding(
            "plain-pkce",
            entry,
            "RFC 7636 section 7.2",
            "The challenge is the verifier itself; use S256.",
          ),
        ]
  })

const missingState: Check = (entries) =>
  authorizations(entries)
    .filter(({ parameters }) => !("state" in parameters) && !("code_challenge" in parameters))
    .map((entry) =>
      finding(
        "missing-state",
        entry,
        "RFC 9700 section 2.1",
        "Neither state nor PKCE protects the redirect from cross-site request forgery.",
      ),
    )

/**
 * Whether the browser repeated the request: reloading a consent page, or going back to it, sends the same request
 * again. A client would have made a new one.
 */
const isReload = (earlier: readonly LogEntry[], entry: LogEntry): boolean =>
  earlier.some(
    ({ decision, parameters }) =>
      decision === "served" && JSON.stringify(parameters) === JSON.stringify(entry.parameters),
  )

const reused =
  (rule: Rule, parameter: string, section: string): Check =>
  (entries) => {
    const seen = new Map<string, number>()
    const requests = authorizations(entries)
    return requests.flatMap((entry, index) => {
      const value = entry.parameters[parameter]
      if (value === undefined) return []
      const first = seen.get(value)
      if (first !== undefined && isReload(requests.slice(0, index), entry)) return []
      if (first !== undefined)
        return [
          finding(
            rule,
            entry,
            section,
            `${parameter} is the same as in request ${first}; it must be new each time.`,
          ),
        ]
      seen.set(value, entry.number)
      return []
    })
  }

export const authorizationChecks: readonly Check[] = [
  secretInQuery,
  accessTokenInQuery,
  pkce,
  missingState,
  reused("reused-state", "state", "RFC 9700 section 4.7.1"),
  reused("reused-challenge", "code_challenge", "RFC 7636 section 7.1"),
]
