/** Faults as data: what goes wrong with a request, and at which point. */
import { type Duration, toMilliseconds } from "./duration.js"
import type { WireEffect } from "./message.js"
import { checkChoice, checkNames, OptionError } from "./option-error.js"

/** A reply in place of the provider's. */
export interface FaultReply {
  /** Default: 200. */
  readonly status?: number
  /** An object body gets `content-type: application/json` unless one is given; a string or bytes get none. */
  readonly headers?: Readonly<Record<string, string>>
  /** A string or bytes are sent as they are, anything else as JSON. Default: empty. */
  readonly body?: string | Uint8Array | object
}

/** What goes wrong. Parts can be combined: a delay, then a reply, of which half arrives. */
export interface Fault {
  /**
   * `beforeGrant`: the provider never sees the request. `afterCommit`: it does all it was asked
   * (a code is used up, a refresh token rotated), and only its reply is replaced or lost.
   * Default: `beforeGrant` where something replaces the reply, and no matter otherwise.
   */
  readonly at?: "beforeGrant" | "afterCommit"
  /** Time on the server's clock before anything is sent. */
  readonly delay?: Duration
  readonly reply?: FaultReply
  /** `reset`, `close`: before any byte. `closeInBody`: after half the body. `hang`: never an answer. */
  readonly wire?: WireEffect
}

/** A fault whose delay is in milliseconds and whose point is settled. */
export interface ResolvedFault {
  readonly at: "beforeGrant" | "afterCommit"
  readonly delay: number
  readonly reply: FaultReply | undefined
  readonly wire: WireEffect | undefined
}

/** Checks a fault; fails with an `OptionError`. */
export const resolveFault = (path: string, fault: Fault): ResolvedFault => {
  if (typeof fault !== "object" || fault === null) {
    throw new OptionError(path, fault, 'a fault such as { reply: { status: 503 } } or { wire: "reset" }')
  }
  checkNames(path, fault, ["at", "delay", "reply", "wire"])
  const { at, delay, reply, wire } = fault
  const status = reply?.status ?? 200
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new OptionError(`${path}.reply.status`, status, "a status from 200 to 599")
  }
  if (wire === "closeInBody" && reply === undefined && at === "beforeGrant") {
    throw new OptionError(`${path}.at`, at, "`afterCommit`, or a reply: there must be a body to break off")
  }
  // A lone delay, or half of a reply, needs the provider's own reply.
  const usual =
    reply === undefined && (wire === undefined || wire === "closeInBody") ? "afterCommit" : "beforeGrant"
  return {
    at: checkChoice(`${path}.at`, at ?? usual, ["beforeGrant", "afterCommit"]),
    delay: delay === undefined ? 0 : toMilliseconds(`${path}.delay`, delay),
    reply,
    wire:
      wire === undefined
        ? undefined
        : checkChoice(`${path}.wire`, wire, ["reset", "close", "closeInBody", "hang"]),
  }
}

/** A fault in plain words, for the log. */
export const faultInWords = (fault: ResolvedFault): string => {
  const parts: string[] = []
  if (fault.delay > 0) parts.push(`waited ${fault.delay} ms`)
  if (fault.reply !== undefined) parts.push(`the reply was replaced by status ${fault.reply.status ?? 200}`)
  if (fault.wire === "reset") parts.push("the connection was reset")
  if (fault.wire === "close") parts.push("the connection was closed before the reply")
  if (fault.wire === "closeInBody") parts.push("the connection was closed in the middle of the body")
  if (fault.wire === "hang") parts.push("no answer was given")
  const when =
    fault.at === "beforeGrant" ? "before the provider saw the request" : "after the provider had decided"
  return `${parts.join(", ") || "nothing"}, ${when}`
}
