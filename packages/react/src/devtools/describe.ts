/** Describes states and events. Errors show their tag and message, which contain no secret. */
import type { TokenError, TokenEvent, TokenState } from "@ellipsis-oauth/core/promise"

/** A name, and text or a point in time in milliseconds since the epoch. */
export type Fact = readonly [name: string, value: string | number]

export const describeState = (state: TokenState): readonly Fact[] => {
  const status: Fact = ["Status", state.status]
  switch (state.status) {
    case "signedOut":
      return [status, ["Reason", state.reason], ...errorFacts(state.error)]
    case "signingIn":
      return [status, ["Method", state.method]]
    case "ready":
      return [
        status,
        ["Expires", state.expiresAt ?? "the server does not say"],
        ["Scope", state.scope.join(" ") || "none"],
        ...refreshFacts(state.refresh),
      ]
    case "stale":
      return [status, ...refreshFacts(state.refresh)]
    default:
      return [status]
  }
}

type Refresh = Extract<TokenState, { readonly status: "ready" }>["refresh"]

const refreshFacts = (refresh: Refresh): readonly Fact[] => [
  ["Refresh", refresh.phase],
  ...(refresh.phase === "failed" ? errorFacts(refresh.error) : []),
  ...(refresh.phase === "failed" ? [["Next attempt", refresh.retryAt] as const] : []),
]

const errorFacts = (error: TokenError | undefined): readonly Fact[] =>
  error === undefined ? [] : [["Error", describeError(error)]]

const describeError = ({ _tag, message }: TokenError): string => `${_tag}: ${message}`

export const describeEvent = (event: TokenEvent): string => {
  const parts = [
    event.type,
    "reason" in event ? event.reason : "",
    "rotated" in event && event.rotated ? "rotated" : "",
    "duration" in event ? `${Math.round(event.duration)} ms` : "",
    "error" in event ? describeError(event.error) : "",
  ]
  return parts.filter(Boolean).join(", ")
}
