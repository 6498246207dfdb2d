/** What a test can do with a server besides sending requests, in process or by remote control. */

import type { Clock } from "../common/Clock.js"
import type { Faults } from "../faults/Faults.js"
import type { Authorize } from "../grants/Authorize.js"
import type { TokenFamily } from "../grants/TokenFamily.js"
import type { Finding } from "../log/Finding.js"
import type { LogEntry } from "../log/Log.js"

export interface Controls {
  /** Base URL, ending in `/v3`. Before `listen` only `fetch` can reach it. */
  readonly url: string
  readonly clock: Clock
  readonly faults: Faults
  /** Issues a code without a browser, and plans the decisions of the next users. */
  readonly authorize: Authorize
  /** The log entries, oldest first; at most about `logSize`. */
  readonly log: readonly LogEntry[]
  /** Every grant with the tokens that descend from it, oldest first. */
  readonly families: readonly TokenFamily[]
  /** Revokes one access or refresh token; the rest of its family stays valid. */
  revoke(token: string): void
  /** Revokes every token of a family, named by its id or any of its tokens. */
  revokeFamily(idOrToken: string): void
  /** Expires every access token now, without moving the clock; refresh tokens stay valid. */
  expireAccessTokens(): void
  /** The client's mistakes in the log, each with the section of the specification. */
  lint(): readonly Finding[]
  /** The log as text without secrets; equal secrets get equal placeholders. */
  transcript(): string
  /** Calls `listener` with every new log entry, until the returned function is called. */
  subscribe(listener: (entry: LogEntry) => void): () => void
  /** Restores the initial state: no grants, no log, no faults, the clock as at the start. The socket stays open. */
  reset(): void
}
