/** What an endpoint decides about a request: the response, and what the log says about it. */

import type { Provider } from "../grants/Provider.js"
import type { Facts } from "../log/Log.js"
import type { PlainResponse } from "../protocol/Message.js"
import { cut } from "../protocol/Parameters.js"
import { type Refusal, refusalResponse } from "../protocol/Refusal.js"

export interface Decision {
  readonly reply: PlainResponse
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
  reply: PlainResponse = refusalResponse(refusal, provider.settings.errorFormat),
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
