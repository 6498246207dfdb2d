// The web standards beyond ECMAScript that core takes from its runtime: every browser, Node, Deno and Bun has
// them. Core is compiled with neither the DOM's types nor Node's, so anything that is not on this page cannot
// slip in. Time, randomness, hashing and transport are passed in.

declare class URLSearchParams implements Iterable<[string, string]> {
  constructor(init?: string | Record<string, string> | Iterable<[string, string]>)
  append(name: string, value: string): void
  get(name: string): string | null
  getAll(name: string): string[]
  has(name: string): boolean
  set(name: string, value: string): void
  [Symbol.iterator](): IterableIterator<[string, string]>
  toString(): string
}

declare class URL {
  constructor(url: string, base?: string)
  readonly hash: string
  readonly hostname: string
  readonly href: string
  readonly origin: string
  readonly password: string
  pathname: string
  readonly protocol: string
  readonly search: string
  readonly searchParams: URLSearchParams
  readonly username: string
}

declare class TextEncoder {
  encode(input: string): Uint8Array<ArrayBuffer>
}

declare class TextDecoder {
  constructor(label?: string, options?: { readonly fatal?: boolean })
  decode(input?: Uint8Array, options?: { readonly stream?: boolean }): string
}

declare const performance: { now(): number }

declare class Request {
  constructor(input: unknown, init?: unknown)
  readonly url: string
  readonly headers: Headers
  readonly body: unknown
  readonly redirect: string
  readonly signal: AbortSignal
  clone(): Request
}

declare class Headers implements Iterable<[string, string]> {
  constructor(init?: unknown)
  has(name: string): boolean
  set(name: string, value: string): void
  [Symbol.iterator](): IterableIterator<[string, string]>
}

interface AbortSignal {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: "abort", listener: () => void, options?: { readonly once?: boolean }): void
  removeEventListener(type: "abort", listener: () => void): void
}
