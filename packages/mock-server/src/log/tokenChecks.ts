/** Checks of token requests: what was sent again, too early or twice. */
import { type Check, finding } from "./Finding.js"
import type { LogEntry } from "./Log.js"

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

const shortVerifier: Check = (entries) =>
  entries
    .filter(({ parameters }) => (parameters["code_verifier"]?.length ?? 43) < 43)
    .map((entry) =>
      finding("short-verifier", entry, "RFC 7636 section 4.1", "code_verifier has fewer than 43 characters."),
    )

const grantOf = ({ parameters }: LogEntry): string | undefined =>
  parameters["authorization_code"] ?? parameters["code"] ?? parameters["refresh_token"]

const tokenRequests = (entries: readonly LogEntry[]): readonly LogEntry[] =>
  entries.filter(({ endpoint, method }) => endpoint === "token" && method === "POST")

/** A client that did not get the whole response cannot know that its code or token was used up. */
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
            `Request ${before} was refused with invalid_grant, and the same grant was sent again.`,
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
            `The response to request ${entry.number} had Retry-After: ${entry.retryAfter}, but this request came after ${next.time - entry.time} ms.`,
          ),
        ]
  })

const refreshedTooEarly: Check = (entries, { accessTokenLifetime }) =>
  tokenRequests(entries)
    .filter((entry) => {
      if (entry.grantType !== "refresh_token" || entry.decision !== "granted") return false
      if ((entry.accessTokenLeft ?? 0) <= accessTokenLifetime / 2) return false
      const before = entries.filter(({ number }) => number < entry.number)
      const issuedBy = before.findLast(
        ({ familyId, endpoint, decision }) =>
          familyId === entry.familyId && endpoint === "token" && decision === "granted",
      )
      // After a refused API call or a lost response, the client is right to request a new token.
      return !before.some(
        (other) =>
          other.number >= (issuedBy?.number ?? 0) &&
          (other.fault !== undefined ||
            ((other.endpoint === "account" || other.endpoint === "path") && other.status === 401)),
      )
    })
    .map((entry) =>
      finding(
        "refreshed-too-early",
        entry,
        "RFC 6749 section 1.5",
        `The access token was still valid for ${Math.round((entry.accessTokenLeft ?? 0) / 1_000)} s, more than half its lifetime.`,
      ),
    )

export const tokenChecks: readonly Check[] = [
  authenticatedTwice,
  shortVerifier,
  usedAgain,
  refusedGrantRetried,
  retryAfterIgnored,
  refreshedTooEarly,
]
