/** The decision of an endpoint about a request: the response, and the facts for the log. */

import type { Provider } from "../grants/Provider.js"
import type { Facts } from "../log/Log.js"
import type { PlainResponse } from "../protocol/Message.js"
import { cut } from "../protocol/Parameters.js"
import { type Refusal, refusalResponse } from "../protocol/Refusal.js"

export interface Decision {
  readonly response: PlainResponse
  readonly facts: Facts
}

/** What is known about a request before it is decided. */
export type Known = Omit<Facts, "decision" | "reason" | "error" | "field" | "expected" | "got">

const short = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : cut(text, 300)

/** A refusal in the provider's error format, unless `response` is given. */
export const refused = (
  provider: Provider,
  known: Known,
  refusal: Refusal,
  response: PlainResponse = refusalResponse(refusal, provider.settings.errorFormat),
): Decision => ({
  response,
  facts: {
    ...known,
    decision: "refused",
    reason: refusal.reason,
    error: refusal.error,
    // Values from the request may be as long as a body.
    field: short(refusal.field),
    expected: short(refusal.expected),
    got: short(refusal.got),
  },
})
