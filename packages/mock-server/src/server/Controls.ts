/** Everything that a test can do with a server besides sending it requests: here, or from afar. */

import type { Clock } from "../common/Clock.js"
import type { Faults } from "../faults/Faults.js"
import type { Authorize } from "../grants/Authorize.js"
import type { TokenFamily } from "../grants/TokenFamily.js"
import type { Finding } from "../log/Finding.js"
import type { LogEntry } from "../log/Log.js"

export interface Controls {
  /** Base URL, ending in `/v3`. Before `listen` it leads nowhere but into `fetch`. */
  readonly url: string
  readonly clock: Clock
  readonly faults: Faults
  /** A code without a browser, and what the next visitors do. */
  readonly authorize: Authorize
  /** What happened, oldest first; bounded by `logSize`. */
  readonly log: readonly LogEntry[]
  /** Every grant with the tokens that descend from it, oldest first. */
  readonly families: readonly TokenFamily[]
  /** Revokes one access or refresh token; the rest of its family stays valid. */
  revoke(token: string): void
  /** Revokes every token of a family, named by its id or any of its tokens. */
  revokeFamily(idOrToken: string): void
  /** Every access token that was issued expires now, and no clock moves; refresh tokens stay valid. */
  expireAccessTokens(): void
  /** What the client did wrong, by the log, each with the section that says so. */
  lint(): readonly Finding[]
  /** The log as text without secrets: equal ones get equal placeholders. */
  transcript(): string
  /** Calls back with every new log entry; the result ends that. */
  subscribe(listener: (entry: LogEntry) => void): () => void
  /** As newly created: no grants, no log, no faults, the clock as at first. The socket stays. */
  reset(): void
}
