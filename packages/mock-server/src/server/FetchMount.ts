/** The engine as a fetch handler: no socket, no port. */

import {
  bytesOf,
  maxBodyBytes,
  noBody,
  type PlainRequest,
  type PlainResponse,
  type SlowBody,
} from "../protocol/Message.js"
import type { Engine } from "./Engine.js"

export interface FetchMount {
  /** Takes the arguments of the global `fetch`. It does not follow redirects: a 302 is returned. */
  fetch(input: Request | string | URL, init?: RequestInit): Promise<Response>
  /** Fails every request that has no response yet. */
  close(): void
}

/** The same error as undici's, with the code in the cause, so that `fetch` and socket fail alike. */
const networkError = (code: string, message: string): TypeError =>
  new TypeError("fetch failed", { cause: Object.assign(new Error(message), { code }) })

/** True for an error of a fault or a closed server, false for a bug in this package. */
export const isNetworkError = (error: unknown): boolean =>
  error instanceof TypeError && error.message === "fetch failed"

const serverGone = () => networkError("UND_ERR_SOCKET", "other side closed")

const readBody = async (request: Request): Promise<PlainRequest["body"]> => {
  if (request.body === null) return noBody
  const reader = request.body.getReader()
  let body = noBody
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return body
    if (body.length + value.length > maxBodyBytes) {
      await reader.cancel()
      return "too large"
    }
    if (body.length === 0) body = value
    else {
      const joined = new Uint8Array(body.length + value.length)
      joined.set(body)
      joined.set(value, body.length)
      body = joined
    }
  }
}

const targetOf = (url: string): string => {
  const start = url.indexOf("/", url.indexOf("://") + 3)
  const end = url.indexOf("#", start)
  return end < 0 ? url.slice(start) : url.slice(start, end)
}

const halfBody = (body: PlainResponse["body"]): ReadableStream<Uint8Array> => {
  const bytes = bytesOf(body)
  let sent = false
  return new ReadableStream({
    pull: (controller) => {
      if (sent) controller.error(serverGone())
      else controller.enqueue(bytes.subarray(0, Math.ceil(bytes.length / 2)))
      sent = true
    },
  })
}

/** Called with the reason when the server closes. */
type Waiting = Set<(reason: unknown) => void>

const slowBody = (
  body: PlainResponse["body"],
  { chunk, pause }: SlowBody,
  waiting: Waiting,
): ReadableStream<Uint8Array> => {
  const bytes = bytesOf(body)
  let offset = 0
  let cancelPause = () => {}
  let forget = () => {}
  return new ReadableStream({
    start: (controller) => {
      const fail = (reason: unknown) => controller.error(reason)
      waiting.add(fail)
      forget = () => {
        waiting.delete(fail)
      }
    },
    pull: (controller) =>
      new Promise((resolve) => {
        cancelPause = pause(() => {
          controller.enqueue(bytes.subarray(offset, offset + chunk))
          offset += chunk
          if (offset >= bytes.length) {
            forget()
            controller.close()
          }
          resolve()
        })
      }),
    cancel: () => {
      cancelPause()
      forget()
    },
  })
}

const nullBody = new Set([204, 205, 304])

const toResponse = ({ status, headers, body, wire, slow }: PlainResponse, waiting: Waiting): Response => {
  if (nullBody.has(status) || body.length === 0) return new Response(null, { status, headers })
  if (wire === "closeInBody") return new Response(halfBody(body), { status, headers })
  if (slow !== undefined) return new Response(slowBody(body, slow, waiting), { status, headers })
  const response = new Response(typeof body === "string" ? body : new Uint8Array(body), { status, headers })
  // A Response adds a content type to text; a response without one must stay so.
  if (!("content-type" in headers) && typeof body === "string") response.headers.delete("content-type")
  return response
}

export const createFetchMount = (engine: Engine): FetchMount => {
  const waiting: Waiting = new Set()
  let closed = false

  /** Settles like `response`, unless the client aborts or the server closes first. */
  const unlessGone = (signal: AbortSignal, response: Promise<PlainResponse>): Promise<PlainResponse> =>
    new Promise((resolve, reject) => {
      const forget = () => {
        signal.removeEventListener("abort", abort)
        waiting.delete(fail)
      }
      const fail = (reason: unknown) => {
        forget()
        reject(reason)
      }
      const abort = () => fail(signal.reason)
      signal.addEventListener("abort", abort, { once: true })
      waiting.add(fail)
      response.then(resolve, reject).finally(forget)
      if (closed) fail(serverGone())
      else if (signal.aborted) abort()
    })

  const respond = async (request: Request): Promise<Response> => {
    if (closed) throw networkError("ECONNREFUSED", "the mock server is closed")
    request.signal.throwIfAborted()
    const body = await readBody(request)
    const outcome = engine.handle({
      method: request.method,
      target: targetOf(request.url),
      header: (name) => request.headers.get(name) ?? undefined,
      body,
    })
    const response = outcome instanceof Promise ? await unlessGone(request.signal, outcome) : outcome
    switch (response.wire) {
      case "reset":
        throw networkError("ECONNRESET", "read ECONNRESET")
      case "close":
        throw serverGone()
      case "hang":
        await unlessGone(request.signal, new Promise(() => {}))
        break
      default:
    }
    return toResponse(response, waiting)
  }

  return {
    fetch: (input, init) =>
      respond(input instanceof Request && init === undefined ? input : new Request(input, init)),
    close: () => {
      closed = true
      for (const fail of waiting) fail(serverGone())
      waiting.clear()
    },
  }
}
