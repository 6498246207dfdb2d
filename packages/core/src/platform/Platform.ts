/** What the engine takes from outside: time, randomness, transport, the store, and somebody who watches. */
import type { TokenStoreAdapter } from "../store/TokenStore.js"
import type { HttpRequest, HttpResponse } from "../token/HttpMessage.js"

export interface Platform {
  readonly clock: PlatformClock
  /** From 0 to 1, for pauses; nothing secret comes of it. */
  readonly random: () => number
  readonly crypto: PlatformCrypto
  readonly transport: PromiseTransport
  readonly store: TokenStoreAdapter
  readonly trace: Trace
}

export interface PlatformClock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Milliseconds from any beginning, never set back. */
  monotonic(): number
  /** Rejects when the signal aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
}

export interface PlatformCrypto {
  /** Bytes that nobody can guess. */
  randomBytes(length: number): Uint8Array
  sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array>
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
export type Inside = Partial<Pick<Platform, "trace" | "transport">>

export const untraced: Trace = (_name, _attributes, work) => work({}, () => {})
