/** Faults as data: what fails, and at which point of a request. */
import { type Duration, inWords, toMilliseconds } from "../common/Duration.js"
import { checkChoice, checkNames, OptionError } from "../common/OptionError.js"
import type { WireEffect } from "../protocol/Message.js"

/** An HTTP response that is sent instead of the provider's. */
export interface FaultReply {
  /** 200 to 599. Default: 200. */
  readonly status?: number
  /** An object body gets `content-type: application/json` unless one is given; a string or bytes get none. */
  readonly headers?: Readonly<Record<string, string>>
  /** A string or bytes are sent as they are, anything else as JSON. Default: empty. */
  readonly body?: string | Uint8Array | object
  /** A `Retry-After` header (RFC 9110 section 10.2.3). */
  readonly retryAfter?: Duration
  /** Whole seconds, or a date by the server's clock. Default: `seconds`. */
  readonly retryAfterAs?: "seconds" | "date"
}

/** Changes to the provider's own HTTP response. */
export interface ReplyChange {
  readonly status?: number
  /** Added or replaced; `null` removes one. */
  readonly headers?: Readonly<Record<string, string | null>>
  /** Members of the JSON body, added or replaced. */
  readonly set?: Readonly<Record<string, unknown>>
  /** Members of the JSON body to leave out. */
  readonly omit?: readonly string[]
  /** Members of the JSON body that are sent twice, the first time with the value `"duplicate"`. */
  readonly duplicate?: readonly string[]
  /** How many characters of the body are sent, with a matching `Content-Length`. */
  readonly keep?: number
}

/** A fault. Members can be combined, such as a delay, then another response, of which only half is sent. */
export interface Fault {
  /**
   * `beforeGrant`: the provider does not process the request (or, with only a `delay`, processes it late).
   * `afterCommit`: the provider carries out the request (a code is used up, a refresh token rotated), and only its
   * response is late, changed, replaced or lost.
   * Default: `beforeGrant` for faults that replace the response, `afterCommit` for faults that need the provider's own.
   */
  readonly at?: "beforeGrant" | "afterCommit"
  /** Time on the server's clock. */
  readonly delay?: Duration
  readonly reply?: FaultReply
  readonly change?: ReplyChange
  /** `reset`, `close`: before any byte. `closeInBody`: after half the body. `hang`: no response is sent. */
  readonly wire?: WireEffect
  /** The body comes in pieces of `chunk` bytes (default: 16), with a pause before each on the server's clock. */
  readonly slowBody?: { readonly pause: Duration; readonly chunk?: number }
}

export type ResolvedFaultReply = Omit<FaultReply, "retryAfter"> & { readonly retryAfter: number | undefined }

/** A checked fault: durations in milliseconds, `at` filled in. */
export interface ResolvedFault {
  readonly at: "beforeGrant" | "afterCommit"
  readonly delay: number
  readonly reply: ResolvedFaultReply | undefined
  readonly change: ReplyChange | undefined
  readonly wire: WireEffect | undefined
  readonly slowBody: { readonly pause: number; readonly chunk: number } | undefined
}

const checkStatus = (path: string, status: number | undefined): void => {
  if (status === undefined || (Number.isInteger(status) && status >= 200 && status <= 599)) return
  throw new OptionError(path, status, "a status from 200 to 599")
}

const checkHeaders = (path: string, headers: Readonly<Record<string, string | null>> = {}): void => {
  for (const [name, value] of Object.entries(headers)) {
    const valid =
      /^[!#$%&'*+\-.^_`|~\w]+$/.test(name) && (value === null || /^[\t -~\u0080-\u00ff]*$/.test(value))
    if (!valid) throw new OptionError(`${path}.${name}`, value, "a valid HTTP header name and value")
  }
}

const checkCount = (path: string, value: number | undefined, least: number): void => {
  if (value === undefined || (Number.isInteger(value) && value >= least)) return
  throw new OptionError(path, value, `a whole number of at least ${least}`)
}

const resolveResponse = (path: string, response: FaultReply): ResolvedFaultReply => {
  checkNames(path, response, ["status", "headers", "body", "retryAfter", "retryAfterAs"])
  checkStatus(`${path}.status`, response.status)
  checkHeaders(`${path}.headers`, response.headers)
  checkChoice(`${path}.retryAfterAs`, response.retryAfterAs ?? "seconds", ["seconds", "date"])
  const retryAfter =
    response.retryAfter === undefined ? undefined : toMilliseconds(`${path}.retryAfter`, response.retryAfter)
  return { ...response, retryAfter }
}

const checkChange = (path: string, change: ReplyChange): ReplyChange => {
  checkNames(path, change, ["status", "headers", "set", "omit", "duplicate", "keep"])
  checkStatus(`${path}.status`, change.status)
  checkHeaders(`${path}.headers`, change.headers)
  checkCount(`${path}.keep`, change.keep, 0)
  return change
}

/** Checks a fault; fails with an `OptionError`. */
export const resolveFault = (path: string, fault: Fault): ResolvedFault => {
  if (typeof fault !== "object" || fault === null) {
    throw new OptionError(path, fault, 'a fault such as { reply: { status: 503 } } or { wire: "reset" }')
  }
  checkNames(path, fault, ["at", "delay", "reply", "change", "wire", "slowBody"])
  const { reply: replacement, at, delay, change, wire, slowBody } = fault
  const needsResponse = change !== undefined || wire === "closeInBody" || slowBody !== undefined
  if (needsResponse && replacement === undefined && at === "beforeGrant") {
    throw new OptionError(
      `${path}.at`,
      at,
      "`afterCommit` in a fault that changes a response, unless `reply` is given",
    )
  }
  const replaces = replacement !== undefined || (wire !== undefined && wire !== "closeInBody")
  checkCount(`${path}.slowBody.chunk`, slowBody?.chunk, 1)
  return {
    at: checkChoice(`${path}.at`, at ?? (replaces ? "beforeGrant" : "afterCommit"), [
      "beforeGrant",
      "afterCommit",
    ]),
    delay: delay === undefined ? 0 : toMilliseconds(`${path}.delay`, delay),
    reply: replacement === undefined ? undefined : resolveResponse(`${path}.reply`, replacement),
    change: change === undefined ? undefined : checkChange(`${path}.change`, change),
    wire:
      wire === undefined
        ? undefined
        : checkChoice(`${path}.wire`, wire, ["reset", "close", "closeInBody", "hang"]),
    slowBody:
      slowBody === undefined
        ? undefined
        : { pause: toMilliseconds(`${path}.slowBody.pause`, slowBody.pause), chunk: slowBody.chunk ?? 16 },
  }
}

const changeInWords = ({ status, headers, set, omit, duplicate, keep }: ReplyChange): string => {
  const names = (what: string, list: readonly string[]) =>
    list.length === 0 ? [] : [`${what} ${list.join(", ")}`]
  return [
    ...(status === undefined ? [] : [`status ${status}`]),
    ...names("headers", Object.keys(headers ?? {})),
    ...names("changed", Object.keys(set ?? {})),
    ...names("without", omit ?? []),
    ...names("twice", duplicate ?? []),
    ...(keep === undefined ? [] : [`cut after ${keep} characters`]),
  ].join("; ")
}

const wireInWords = {
  reset: "the connection was reset",
  close: "the connection was closed before the response",
  closeInBody: "the connection was closed in the middle of the body",
  hang: "no response was sent",
} as const

/** A fault in plain words, for the log. */
export const faultInWords = (fault: ResolvedFault): string => {
  const { reply: replacement, at, delay, change, wire, slowBody } = fault
  const parts: string[] = []
  if (delay > 0) parts.push(`delayed by ${inWords(delay)}`)
  if (replacement !== undefined) {
    parts.push(`the response was replaced by status ${replacement.status ?? 200}`)
  }
  if (change !== undefined) parts.push(`the response was changed (${changeInWords(change)})`)
  if (slowBody !== undefined) parts.push("the body was sent slowly")
  if (wire !== undefined) parts.push(wireInWords[wire])
  const when =
    at === "beforeGrant" ? "before the provider processed the request" : "after the provider had processed it"
  return `${parts.join(", ") || "nothing happened"}, ${when}`
}
