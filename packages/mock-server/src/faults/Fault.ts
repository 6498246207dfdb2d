/** Faults as data: what goes wrong with a request, and at which point. */
import { type Duration, inWords, toMilliseconds } from "../common/Duration.js"
import { checkChoice, checkNames, OptionError } from "../common/OptionError.js"
import type { WireEffect } from "../protocol/Message.js"

/** A reply in place of the provider's. */
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

/** Changes to a reply that is otherwise the provider's own. */
export interface ReplyChange {
  readonly status?: number
  /** Added or replaced; `null` removes one. */
  readonly headers?: Readonly<Record<string, string | null>>
  /** Members of the JSON body, added or replaced. */
  readonly set?: Readonly<Record<string, unknown>>
  /** Members of the JSON body to leave out. */
  readonly omit?: readonly string[]
  /** Members of the JSON body that are there twice, the first time with the value `"duplicate"`. */
  readonly duplicate?: readonly string[]
  /** How many characters of the body are left, with a `Content-Length` that fits. */
  readonly keep?: number
}

/** What goes wrong. Parts can be combined: a delay, then another reply, of which half arrives. */
export interface Fault {
  /**
   * `beforeGrant`: the provider never sees the request (or, with a lone `delay`, sees it late).
   * `afterCommit`: it does all it was asked (a code is used up, a refresh token rotated), and only its reply
   * is late, changed, replaced or lost.
   * Default: `beforeGrant` for what takes the reply's place, `afterCommit` for what needs the provider's own.
   */
  readonly at?: "beforeGrant" | "afterCommit"
  /** Time on the server's clock. */
  readonly delay?: Duration
  readonly reply?: FaultReply
  readonly change?: ReplyChange
  /** `reset`, `close`: before any byte. `closeInBody`: after half the body. `hang`: never an answer. */
  readonly wire?: WireEffect
  /** The body comes in pieces of `chunk` bytes (default: 16), with a pause before each on the server's clock. */
  readonly slowBody?: { readonly pause: Duration; readonly chunk?: number }
}

/** A fault that is checked, with its durations in milliseconds and its point settled. */
export interface ResolvedFault {
  readonly at: "beforeGrant" | "afterCommit"
  readonly delay: number
  readonly reply: (Omit<FaultReply, "retryAfter"> & { readonly retryAfter: number | undefined }) | undefined
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
    if (!valid)
      throw new OptionError(`${path}.${name}`, value, "a header name and a value that HTTP can carry")
  }
}

const checkCount = (path: string, value: number | undefined, least: number): void => {
  if (value === undefined || (Number.isInteger(value) && value >= least)) return
  throw new OptionError(path, value, `a whole number of at least ${least}`)
}

const resolveReply = (path: string, reply: FaultReply): ResolvedFault["reply"] => {
  checkNames(path, reply, ["status", "headers", "body", "retryAfter", "retryAfterAs"])
  checkStatus(`${path}.status`, reply.status)
  checkHeaders(`${path}.headers`, reply.headers)
  checkChoice(`${path}.retryAfterAs`, reply.retryAfterAs ?? "seconds", ["seconds", "date"])
  const retryAfter =
    reply.retryAfter === undefined ? undefined : toMilliseconds(`${path}.retryAfter`, reply.retryAfter)
  return { ...reply, retryAfter }
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
  const { at, delay, reply, change, wire, slowBody } = fault
  const needsReply = change !== undefined || wire === "closeInBody" || slowBody !== undefined
  if (needsReply && reply === undefined && at === "beforeGrant") {
    throw new OptionError(`${path}.at`, at, "`afterCommit`, or a reply: this fault needs a reply to work on")
  }
  const replaces = reply !== undefined || (wire !== undefined && wire !== "closeInBody")
  checkCount(`${path}.slowBody.chunk`, slowBody?.chunk, 1)
  return {
    at: checkChoice(`${path}.at`, at ?? (replaces ? "beforeGrant" : "afterCommit"), [
      "beforeGrant",
      "afterCommit",
    ]),
    delay: delay === undefined ? 0 : toMilliseconds(`${path}.delay`, delay),
    reply: reply === undefined ? undefined : resolveReply(`${path}.reply`, reply),
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
    ...names("other", Object.keys(set ?? {})),
    ...names("without", omit ?? []),
    ...names("twice", duplicate ?? []),
    ...(keep === undefined ? [] : [`cut after ${keep} characters`]),
  ].join("; ")
}

const wireInWords = {
  reset: "the connection was reset",
  close: "the connection was closed before the reply",
  closeInBody: "the connection was closed in the middle of the body",
  hang: "no answer was given",
} as const

/** A fault in plain words, for the log. */
export const faultInWords = ({ at, delay, reply, change, wire, slowBody }: ResolvedFault): string => {
  const parts: string[] = []
  if (delay > 0) parts.push(`waited ${inWords(delay)}`)
  if (reply !== undefined) parts.push(`the reply was replaced by status ${reply.status ?? 200}`)
  if (change !== undefined) parts.push(`the reply was changed (${changeInWords(change)})`)
  if (slowBody !== undefined) parts.push("the body came slowly")
  if (wire !== undefined) parts.push(wireInWords[wire])
  const when = at === "beforeGrant" ? "before the provider saw the request" : "after the provider had decided"
  return `${parts.join(", ") || "nothing happened"}, ${when}`
}
