/** Requests and replies as plain values: what every mount (fetch, socket) turns its own into. */

export interface PlainRequest {
  readonly method: string
  /** Path and query as they were sent, such as `/v3/oauth/token?x=1`. */
  readonly target: string
  /** A header by its lower-case name; several of one name are joined with `, `. */
  header(name: string): string | undefined
  /** `"too large"` when there was more than `maxBodyBytes`. */
  readonly body: Uint8Array | "too large"
}

/** What happens on the wire in place of a whole reply. */
export type WireEffect =
  /** A TCP reset, before any byte of a reply. */
  | "reset"
  /** The connection is closed before any byte of a reply. */
  | "close"
  /** Status, headers and half the body, then the connection is closed. */
  | "closeInBody"
  /** No reply ever, until the client or the server ends the connection. */
  | "hang"

export interface PlainResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
  readonly wire?: WireEffect | undefined
  /** The body in pieces of `chunk` bytes; `pause` calls back before the next one, its result cancels that. */
  readonly slow?: SlowBody | undefined
}

export interface SlowBody {
  readonly chunk: number
  pause(then: () => void): () => void
}

/** More than ten times what any request of this provider needs. */
export const maxBodyBytes = 65_536

export const noBody = new Uint8Array(0)

export const bytesOf = (body: PlainResponse["body"]): Uint8Array =>
  typeof body === "string" ? new TextEncoder().encode(body) : body

/** RFC 6749 section 5.1: a reply that has tokens in it is kept by no cache. */
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

/** The location may carry a code, so the next page must not see where its visitor came from (RFC 9700 section 4.2.4). */
export const redirectResponse = (status: 302 | 303, location: string): PlainResponse => ({
  status,
  headers: { location, "referrer-policy": "no-referrer", ...noStore },
  body: "",
})
