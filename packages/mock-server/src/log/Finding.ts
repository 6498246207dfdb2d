/** What lint finds, and what a check is. */

import type { Settings } from "../protocol/Settings.js"
import type { LogEntry } from "./Log.js"

/** The names of what `lint` looks for. */
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

/** `error`: a specification forbids it, or it breaks logins. `hint`: a specification advises against it. */
export type Severity = "error" | "hint"

/** Something in the log that a client should not have done. */
export interface Finding {
  readonly rule: Rule
  readonly severity: Severity
  /** Number of the log entry. */
  readonly entry: number
  readonly message: string
  /** What says so. */
  readonly section: string
}

export type Check = (entries: readonly LogEntry[], settings: Settings) => readonly Finding[]

const hints: ReadonlySet<Rule> = new Set([
  "plain-pkce",
  "missing-state",
  "retry-after-ignored",
  "refreshed-too-early",
])

export const finding = (
  rule: Rule,
  entry: LogEntry,
  section: string,
  message: string,
  severity: Severity = hints.has(rule) ? "hint" : "error",
): Finding => ({
  rule,
  severity,
  entry: entry.number,
  message,
  section,
})
