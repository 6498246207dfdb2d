/** The token endpoint sent no HTTP response, or a redirect that must not be followed. */
import { type ErrorAction, inParentheses, taggedError } from "./taggedError.js"

/**
 * `offline`: the device reports that it has no network. `blocked`: the connection fails until a person changes something,
 * such as an unknown certificate authority, a proxy that requires a password, or a port that `fetch` refuses.
 */
export type TransportErrorReason = "network" | "timeout" | "redirect" | "offline" | "blocked"

const rules: Record<TransportErrorReason, readonly [action: ErrorAction, fault: string, advice: string]> = {
  network: [
    "retry",
    "The token endpoint could not be reached",
    "Check the network and the base URL, then try again.",
  ],
  timeout: ["retry", "The token endpoint did not respond in time", "Try again."],
  offline: ["retry", "Offline", "You stay signed in; try again when the network is back."],
  redirect: [
    "fix",
    "The token endpoint redirects",
    "Redirects are not followed, since they would take the secrets to another place. Use the final URL as the base URL.",
  ],
  blocked: [
    "fix",
    "The connection to the token endpoint is refused on the way",
    "Trying again does not help.",
  ],
}

/**
 * The token endpoint sent no HTTP response, or a redirect. `action` is `retry`, or `fix` for `redirect` and `blocked`.
 */
export class TransportError extends taggedError<
  "TransportError",
  {
    readonly reason: TransportErrorReason
    /** `no`: the server cannot have seen the request. `maybe`: it may have acted on it, and its response is lost. */
    readonly sent: "no" | "maybe"
    /** What the transport reported, for example `ECONNREFUSED`, or the origin that a redirect points to. */
    readonly detail?: string | undefined
    /** What to change, if it is known. */
    readonly hint?: string | undefined
  },
  ErrorAction
>("TransportError", {
  action: ({ reason }) => rules[reason][0],
  message: ({ reason, detail, hint }) => {
    const [, fault, advice] = rules[reason]
    return `${fault}${inParentheses(detail)}. ${hint ?? advice}`
  },
  userMessage: ({ reason }) => (reason === "offline" ? "You are offline. You stay signed in." : undefined),
}) {}
