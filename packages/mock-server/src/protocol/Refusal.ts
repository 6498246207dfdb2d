/** A refusal: the error response for the client, in the provider's error format, and the facts for the log. */
import { jsonResponse, type PlainResponse, textResponse } from "./Message.js"

/** RFC 6749 sections 4.1.2.1 and 5.2, RFC 6750 section 3.1. */
export type ErrorCode =
  | "invalid_request"
  | "invalid_client"
  | "invalid_grant"
  | "unauthorized_client"
  | "unsupported_grant_type"
  | "unsupported_response_type"
  | "invalid_scope"
  | "access_denied"
  | "invalid_token"

/** How an error is written: RFC 6749 section 5.2, or one of the two other formats of the provider's API. */
export type ErrorFormat = "rfc6749" | "message" | "text"

export interface RefusalFacts {
  readonly error: ErrorCode
  /** Sent to the client: a fixed sentence, so that nothing of the request is repeated (RFC 6749 appendix A.8 also forbids quotes). */
  readonly description: string
  /** For the log, in plain words; never a secret. */
  readonly reason: string
  /** The parameter or header at fault. */
  readonly field?: string | undefined
  readonly expected?: string | undefined
  readonly got?: string | undefined
  /** 400 if left out. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

export class Refusal {
  readonly error: ErrorCode
  readonly description: string
  readonly reason: string
  readonly field: string | undefined
  readonly expected: string | undefined
  readonly got: string | undefined
  readonly status: number
  readonly headers: Readonly<Record<string, string>> | undefined

  constructor(facts: RefusalFacts) {
    this.error = facts.error
    this.description = facts.description
    this.reason = facts.reason
    this.field = facts.field
    this.expected = facts.expected
    this.got = facts.got
    this.status = facts.status ?? 400
    this.headers = facts.headers
  }
}

/** A malformed request: `reason` goes to the log, a fixed sentence to the client. */
export const malformed = (
  reason: string,
  facts: Omit<RefusalFacts, "error" | "description" | "reason"> & { readonly description?: string } = {},
): Refusal =>
  new Refusal({ error: "invalid_request", description: "The request is malformed.", reason, ...facts })

export const refusalResponse = (refusal: Refusal, format: ErrorFormat): PlainResponse => {
  switch (format) {
    case "rfc6749":
      return jsonResponse(
        refusal.status,
        { error: refusal.error, error_description: refusal.description },
        refusal.headers,
      )
    case "message":
      return jsonResponse(refusal.status, { message: refusal.description }, refusal.headers)
    case "text":
      return textResponse(refusal.status, refusal.description, refusal.headers)
  }
}
