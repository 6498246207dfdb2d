/** Requests and responses as plain values, independent of `fetch` and sockets. */

export interface PlainRequest {
  readonly method: string
  /** Path and query as they were sent, such as `/v3/oauth/token?x=1`. */
  readonly target: string
  /** A header by its lower-case name; several of one name are joined with `, `. */
  header(name: string): string | undefined
  /** `"too large"` if the body is longer than `maxBodyBytes`. */
  readonly body: Uint8Array | "too large"
}

/** A network fault that prevents a complete response. */
export type WireEffect =
  /** A TCP reset, before any byte of a response. */
  | "reset"
  /** The connection is closed before any byte of a response. */
  | "close"
  /** Status, headers and half the body are sent, then the connection is closed. */
  | "closeInBody"
  /** No response is sent; the connection stays open until the client or the server closes it. */
  | "hang"

export interface PlainResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
  readonly wire?: WireEffect | undefined
  /** Sends the body in pieces of `chunk` bytes. `pause` calls back before each piece; the function it returns cancels the pause. */
  readonly slow?: SlowBody | undefined
}

export interface SlowBody {
  readonly chunk: number
  pause(then: () => void): () => void
}

/** More than ten times the size of any valid request. */
export const maxBodyBytes = 65_536

export const noBody = new Uint8Array(0)

export const bytesOf = (body: PlainResponse["body"]): Uint8Array =>
  typeof body === "string" ? new TextEncoder().encode(body) : body

/** RFC 6749 section 5.1: a response with tokens must not be cached. */
const noStore = { "cache-control": "no-store", pragma: "no-cache" } as const

export const jsonResponse = (
  status: number,
  value: unknown,
  headers?: Readonly<Record<string, string>>,
): PlainResponse => ({
  status,
  headers: { "content-type": "application/json", ...noStore, ...headers },
  body: JSON.stringify(value),
})

export const textResponse = (
  status: number,
  body: string,
  headers?: Readonly<Record<string, string>>,
): PlainResponse => ({
  status,
  headers: { "content-type": "text/plain; charset=utf-8", ...noStore, ...headers },
  body,
})

/** The location may contain a code, so it must not appear in a Referer header (RFC 9700 section 4.2.4). */
export const redirectResponse = (status: 302 | 303, location: string): PlainResponse => ({
  status,
  headers: { location, "referrer-policy": "no-referrer", ...noStore },
  body: "",
})
