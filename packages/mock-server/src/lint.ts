/** What a client did wrong although the server may have let it pass, read from the log. */
import type { LogEntry } from "./log.js"
import type { Settings } from "./options.js"

export type Rule =
  | "secret-in-query"
  | "access-token-in-query"
  | "client-authenticated-twice"
  | "missing-pkce"
  | "plain-pkce"
  | "short-verifier"
  | "missing-state"
  | "reused-state"
  | "reused-challenge"
  | "code-used-twice"
  | "rotated-token-used"
  | "refused-grant-retried"
  | "retry-after-ignored"
  | "refreshed-too-early"

export interface Finding {
  readonly rule: Rule
  /** Number of the log entry. */
  readonly entry: number
  readonly message: string
  /** What says so. */
  readonly section: string
}

type Check = (entries: readonly LogEntry[], settings: Settings) => readonly Finding[]

const finding = (rule: Rule, entry: LogEntry, section: string, message: string): Finding => ({
  rule,
  entry: entry.number,
  message,
  section,
})

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

const authenticatedTwice: Check = (entries) =>
  entries
    .filter(({ clientAuthentication }) => clientAuthentication === "body and basic")
    .map((entry) =>
      finding(
        "client-authenticated-twice",
        entry,
        "RFC 6749 section 2.3",
        "A Basic header and client_secret in the body were sent together.",
      ),
    )

/** Authorization requests that a client made: a test that takes a code with `authorize()` is no client. */
const authorizations = (entries: readonly LogEntry[]): readonly LogEntry[] =>
  entries.filter(({ endpoint, method }) => endpoint === "authorize" && method === "GET")

const pkce: Check = (entries) =>
  authorizations(entries).flatMap((entry) => {
    const { code_challenge: challenge, code_challenge_method: method } = entry.parameters
    if (challenge === undefined) {
      return [
        finding(
          "missing-pkce",
          entry,
          "RFC 9700 section 2.1.1",
          "The authorization request has no code_challenge.",
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

const shortVerifier: Check = (entries) =>
  entries
    .filter(({ parameters }) => (parameters["code_verifier"]?.length ?? 43) < 43)
    .map((entry) =>
      finding("short-verifier", entry, "RFC 7636 section 4.1", "code_verifier has fewer than 43 characters."),
    )

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

const reused =
  (rule: Rule, parameter: string, section: string): Check =>
  (entries) => {
    const seen = new Map<string, number>()
    return authorizations(entries).flatMap((entry) => {
      const value = entry.parameters[parameter]
      if (value === undefined) return []
      const first = seen.get(value)
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

const grantOf = ({ parameters }: LogEntry): string | undefined =>
  parameters["authorization_code"] ?? parameters["code"] ?? parameters["refresh_token"]

const tokenRequests = (entries: readonly LogEntry[]): readonly LogEntry[] =>
  entries.filter(({ endpoint, method }) => endpoint === "token" && method === "POST")

/** A client that got no whole reply cannot know that its code or token was used up. */
const knewTheOutcome = ({ fault }: LogEntry): boolean => fault === undefined

const usedAgain: Check = (entries) => {
  const granted = new Map<string, LogEntry>()
  return tokenRequests(entries).flatMap((entry) => {
    const grant = grantOf(entry)
    if (grant === undefined) return []
    const before = granted.get(grant)
    if (entry.decision === "granted") granted.set(grant, before ?? entry)
    if (before === undefined || entry.decision !== "refused" || entry.error !== "invalid_grant") return []
    if (!knewTheOutcome(before)) return []
    return entry.grantType === "refresh_token"
      ? [
          finding(
            "rotated-token-used",
            entry,
            "RFC 9700 section 4.14.2",
            `The refresh token was replaced in request ${before.number} and used again.`,
          ),
        ]
      : [
          finding(
            "code-used-twice",
            entry,
            "RFC 6749 section 4.1.2",
            `The code was exchanged in request ${before.number} and sent again.`,
          ),
        ]
  })
}

const refusedGrantRetried: Check = (entries) => {
  const refusals = new Map<string, number>()
  return tokenRequests(entries).flatMap((entry) => {
    const grant = grantOf(entry)
    if (grant === undefined) return []
    const before = refusals.get(grant)
    if (entry.error === "invalid_grant" && knewTheOutcome(entry)) refusals.set(grant, before ?? entry.number)
    return before === undefined
      ? []
      : [
          finding(
            "refused-grant-retried",
            entry,
            "RFC 6749 section 5.2",
            `invalid_grant was the reply to request ${before}, and the same grant was sent again.`,
          ),
        ]
  })
}

const waitOf = (entry: LogEntry): number => {
  const { retryAfter = "", time } = entry
  return /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - time
}

const retryAfterIgnored: Check = (entries) =>
  entries.flatMap((entry, index) => {
    const wait = entry.retryAfter === undefined ? Number.NaN : waitOf(entry)
    if (!(wait > 0)) return []
    const next = entries
      .slice(index + 1)
      .find(
        ({ endpoint, clientId, method }) =>
          endpoint === entry.endpoint && clientId === entry.clientId && method === entry.method,
      )
    return next === undefined || next.time - entry.time >= wait
      ? []
      : [
          finding(
            "retry-after-ignored",
            next,
            "RFC 9110 section 10.2.3",
            `Request ${entry.number} was answered with Retry-After: ${entry.retryAfter}, and this one came after ${next.time - entry.time} ms.`,
          ),
        ]
  })

const refreshedTooEarly: Check = (entries, { accessTokenLifetime }) =>
  tokenRequests(entries)
    .filter((entry) => {
      if (entry.grantType !== "refresh_token" || entry.decision !== "granted") return false
      if ((entry.accessTokenLeft ?? 0) <= accessTokenLifetime / 2) return false
      const issued = entry.time - (accessTokenLifetime - (entry.accessTokenLeft ?? 0))
      // After a refused API call, or a reply that never came, a new token is the right thing to ask for.
      return !entries.some(
        (other) =>
          other.number < entry.number &&
          other.time >= issued &&
          (other.fault !== undefined || (other.endpoint === "account" && other.status === 401)),
      )
    })
    .map((entry) =>
      finding(
        "refreshed-too-early",
        entry,
        "RFC 6749 section 1.5",
        `The access token would have lived ${Math.round((entry.accessTokenLeft ?? 0) / 1_000)} s more, over half its life.`,
      ),
    )

const checks: readonly Check[] = [
  secretInQuery,
  accessTokenInQuery,
  authenticatedTwice,
  pkce,
  shortVerifier,
  missingState,
  reused("reused-state", "state", "RFC 9700 section 4.7.1"),
  reused("reused-challenge", "code_challenge", "RFC 7636 section 7.1"),
  usedAgain,
  refusedGrantRetried,
  retryAfterIgnored,
  refreshedTooEarly,
]

/** Every finding, in the order of the log. */
export const lint = (entries: readonly LogEntry[], settings: Settings): readonly Finding[] =>
  checks.flatMap((check) => check(entries, settings)).sort((a, b) => a.entry - b.entry)
