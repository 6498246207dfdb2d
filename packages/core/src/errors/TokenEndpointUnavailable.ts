/** The token endpoint is overloaded or down: HTTP 408, 425, 429 or 5xx. No token was lost. */
import { sentence, taggedError } from "./taggedError.js"

/** The token endpoint returned 408, 425, 429 or 5xx. `action` is `retry`. */
export class TokenEndpointUnavailable extends taggedError<
  "TokenEndpointUnavailable",
  {
    /** The HTTP status. */
    readonly status: number
    /** How long the server asks to wait (RFC 9110 §10.2.3), in milliseconds from the response. */
    readonly retryAfter?: number | undefined
    /** A short summary of the body, without secrets. */
    readonly summary?: string | undefined
  },
  "retry"
>("TokenEndpointUnavailable", {
  action: "retry",
  message: ({ status, retryAfter, summary }) => {
    const when = retryAfter === undefined ? "later" : `in ${Math.ceil(retryAfter / 1000)} s`
    return `The token endpoint is unavailable (HTTP ${status})${sentence(summary)} Try again ${when}.`
  },
}) {}
