/** The redirect does not belong to this login, or is malformed. The code was not sent anywhere. */
import { taggedError } from "./taggedError.js"

/** What is wrong with the URL that the user came back to, or with its transaction. */
export type InvalidAuthorizationResponseReason =
  | "invalidUrl"
  | "invalidTransaction"
  | "stateMismatch"
  | "duplicateParameter"
  | "codeMissing"
  | "expired"

const causes: Record<InvalidAuthorizationResponseReason, string> = {
  invalidUrl: "the callback URL cannot be parsed; pass the whole URL",
  invalidTransaction: "the login transaction is missing, damaged or not from this library",
  stateMismatch: "its state does not match this login; it may be forged or belong to another tab",
  duplicateParameter: "it repeats a parameter, which RFC 6749 §3.1 forbids",
  codeMissing: "it has neither a code nor an error",
  expired: "this login took too long",
}

/** The URL that the user came back to does not belong to this login. `action` is `login`. */
export class InvalidAuthorizationResponse extends taggedError<
  "InvalidAuthorizationResponse",
  { readonly reason: InvalidAuthorizationResponseReason },
  "login"
>("InvalidAuthorizationResponse", {
  action: "login",
  message: ({ reason }) =>
    `The authorization response was refused: ${causes[reason]}. Start the login again.`,
  userMessage: () => "This sign-in link is not valid. Please sign in again.",
}) {}
