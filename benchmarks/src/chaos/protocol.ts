/** What the run and its worker processes say to each other. */
import type { Location } from "../../../packages/node/test/processes/location.ts"

export interface WorkerSetup {
  readonly origin: string
  readonly tokenEndpoint: string
  readonly location: Location
  readonly worker: string
  /** Milliseconds. */
  readonly timeout: number
  /** Milliseconds. */
  readonly deadline: number
  readonly work: "loop" | "once"
  readonly users: readonly string[]
  readonly seed: number
}

/** What the callers of a worker got since its last message. */
export interface Counts {
  readonly tokens: number
  readonly aborted: number
  /** The longest time that a caller waited for a token or an error, in milliseconds. */
  readonly longest: number
}

export interface CallerError {
  readonly user: string
  /** The process of the caller. */
  readonly worker: string
  /** The tag of the error and its reason. */
  readonly error: string
  readonly action: string | undefined
  /** Milliseconds of the monotonic clock. */
  readonly startedAt: number
  /** Milliseconds of the monotonic clock. */
  readonly endedAt: number
}

export type WorkerMessage =
  | { readonly type: "ready" }
  | ({ readonly type: "counts" } & Counts)
  | ({ readonly type: "error" } & CallerError)
  /** What would have ended the process. */
  | { readonly type: "fault"; readonly fault: string }
