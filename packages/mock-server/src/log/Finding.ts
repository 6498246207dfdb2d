/** Findings of `lint`, and the type of a check. */

import type { Settings } from "../protocol/Settings.js"
import type { LogEntry } from "./Log.js"

/** The names of the rules that `lint` checks. */
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

/** A mistake of the client, found in the log. */
export interface Finding {
  readonly rule: Rule
  readonly severity: Severity
  /** Number of the log entry. */
  readonly entry: number
  readonly message: string
  /** The section of the specification, such as `RFC 6749 section 2.3.1`. */
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
