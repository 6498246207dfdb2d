/** Everything that the endpoints of one server share. */

import type { ServerClock } from "./common/clock.js"
import type { PlainReply } from "./common/message.js"
import { cut } from "./common/parameters.js"
import type { Approvals } from "./grants/approval.js"
import type { Grants } from "./grants/grants.js"
import { type Refusal, refusalReply } from "./grants/refusal.js"
import type { Facts, Log } from "./log/log.js"
import type { Settings } from "./options.js"

export interface Provider {
  readonly settings: Settings
  readonly clock: ServerClock
  readonly grants: Grants
  readonly log: Log
  readonly approvals: Approvals
}

/** A reply, and what the log says about it. */
export interface Decision {
  readonly reply: PlainReply
  readonly facts: Facts
}

/** What is known about a request before it is decided. */
export type Known = Omit<Facts, "decision" | "reason" | "error" | "field" | "expected" | "got">

const short = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : cut(text, 300)

/** A refusal in the provider's dialect, unless `reply` says otherwise. */
export const refused = (
  provider: Provider,
  known: Known,
  refusal: Refusal,
  reply: PlainReply = refusalReply(refusal, provider.settings.errorFormat),
): Decision => ({
  reply,
  facts: {
    ...known,
    decision: "refused",
    reason: refusal.reason,
    error: refusal.error,
    // Whatever came from the request may be as long as a body can be.
    field: short(refusal.field),
    expected: short(refusal.expected),
    got: short(refusal.got),
  },
})
