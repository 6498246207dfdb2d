/** What a token request takes from outside: a transport, time, randomness, and somebody who watches. */
import type { PlatformClock } from "../common/PlatformClock.js"
import type { HttpRequest, HttpResponse } from "./HttpMessage.js"

export interface TokenRequestPlatform {
  readonly transport: PromiseTransport
  readonly clock: PlatformClock
  /** From 0 to 1, for pauses; nothing secret comes of it. */
  readonly random: () => number
  readonly trace: Trace
}

/**
 * A transport must not follow redirects (it returns them as replies with their status), must not retry, and must
 * stop when the signal aborts. It rejects with a `TransportError`, which tells whether the server can have seen the
 * request.
 */
export interface PromiseTransport {
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>
}

/** Runs a piece of work inside a span, with what belongs to that span. */
export type Trace = <A>(
  name: string,
  attributes: Readonly<Record<string, unknown>>,
  work: (inside: Inside, annotate: (attributes: Readonly<Record<string, unknown>>) => void) => Promise<A>,
) => Promise<A>

/** In place of the platform's own: spans, and the requests of a transport that has spans too. */
export type Inside = Partial<Pick<TokenRequestPlatform, "trace" | "transport">>

export const untraced: Trace = (_name, _attributes, work) => work({}, () => {})
