/** The token store failed. Other keys of the store are not affected. */
import { type ErrorAction, inParentheses, taggedError } from "./taggedError.js"

/**
 * `unavailable`: the store failed, or did not respond in time. `unusable`: the store is set up in a way that cannot
 * work. `leaseTimeout`: another process held the lease for too long. `notDurable`: the new token is in memory and not
 * in the store. `corrupt`: the record cannot be read. `foreign`: the record belongs to another client or server.
 * `wrongKey`: none of the given encryption keys decrypts the record.
 */
export type TokenStoreErrorReason =
  | "unavailable"
  | "unusable"
  | "leaseTimeout"
  | "notDurable"
  | "corrupt"
  | "foreign"
  | "wrongKey"

const rules: Record<TokenStoreErrorReason, readonly [action: ErrorAction, cause: string, cure: string]> = {
  unavailable: ["retry", "the call failed", "No token was lost. Try again."],
  unusable: ["fix", "it cannot be used as it is set up", "Trying again does not help."],
  leaseTimeout: ["retry", "another process holds the refresh lock", "Try again."],
  notDurable: [
    "retry",
    "the new token could not be written",
    "It is kept in memory, and offered to the store again with the next call and when the client closes; a restart before that would lose it.",
  ],
  corrupt: ["login", "the record is damaged", "The next login replaces it."],
  foreign: [
    "fix",
    "the record belongs to another client or server",
    "Give this client a store or keys of its own.",
  ],
  wrongKey: [
    "fix",
    "no encryption key that was given opens the record",
    "Add the key that it was written with.",
  ],
}

/** The token store failed. `action` depends on `reason`. */
export class TokenStoreError extends taggedError<
  "TokenStoreError",
  {
    readonly reason: TokenStoreErrorReason
    /** The session's key; not a secret. */
    readonly key: string
    /** What the store's driver reported, without secrets. */
    readonly detail?: string | undefined
  },
  ErrorAction
>("TokenStoreError", {
  action: ({ reason }) => rules[reason][0],
  message: ({ reason, key, detail }) => {
    const [, cause, cure] = rules[reason]
    return `Token store, key "${key}": ${cause}${inParentheses(detail)}. ${cure}`
  },
}) {
  /** The same failure with another reason. */
  as(reason: TokenStoreErrorReason): TokenStoreError {
    const { key, detail } = this
    return new TokenStoreError({ reason, key, detail })
  }

  /** The same failure with the session's key instead of the store's. */
  at(key: string): TokenStoreError {
    const { reason, detail } = this
    return new TokenStoreError({ reason, key, detail })
  }
}
