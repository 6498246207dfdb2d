/** What a test and the processes that it started say to each other. */
import type { Location } from "./location.js"
import type { Presentation } from "./presentations.js"

/** What a process is told before it starts. */
export interface Setup {
  readonly baseUrl: string
  readonly location: Location
  /** Of its client, in milliseconds. */
  readonly deadline: number
  /** Of its client, in milliseconds. */
  readonly timeout: number
}

export interface Call {
  readonly key: string
  /** How many callers ask at once. */
  readonly callers: number
  readonly force: boolean
  /** How far the provider's clock is before the machine's, in milliseconds. */
  readonly offset: number
}

/** Where a store can be held: the next call is made, and its result is kept back. Or the call itself is. */
export type Point = "afterRead" | "beforeWrite"

export type Command =
  | ({ readonly type: "call" } & Call)
  /** Refreshes again and again, and tells of each token that came out. */
  | ({ readonly type: "loop" } & Pick<Call, "key" | "offset">)
  | { readonly type: "hold"; readonly point: Point; readonly skip: number }
  | { readonly type: "letGo" }
  /** Does not let the event loop go on for so many milliseconds. */
  | { readonly type: "block"; readonly duration: number }
  | { readonly type: "end" }

/** What callers got, and how many of them got it. */
export type Outcome = { readonly count: number } & (
  | { readonly token: string }
  | { readonly error: string; readonly reason: string | undefined; readonly action: string | undefined }
)

export type Message =
  | { readonly type: "ready" }
  | { readonly type: "outcomes"; readonly outcomes: readonly Outcome[] }
  | { readonly type: "held" }
  | { readonly type: "blocking" }
  | { readonly type: "token"; readonly token: string }
  | { readonly type: "event"; readonly event: string; readonly attempts: number | undefined }
  | { readonly type: "presentation"; readonly presentation: Presentation }
  /** What would have ended a process that does not listen for it. */
  | { readonly type: "fault"; readonly fault: string }
