/** The routes as a listener of `node:http`, `node:https` and `node:http2`, which Express, Connect and most servers of Node.js mount. */
import type { AuthRoutes } from "./createAuthRoutes.js"

/** What of an `IncomingMessage` or `Http2ServerRequest` is read. */
export interface IncomingRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly httpVersionMajor?: number | undefined
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly complete: boolean
}

/** What of a `ServerResponse` or `Http2ServerResponse` is used. */
export interface OutgoingResponse {
  statusCode: number
  setHeader(name: string, value: string | number | readonly string[]): unknown
  end(body: Uint8Array): unknown
  destroy(): unknown
}

/**
 * `createServer(toNodeListener(routes))`, or `app.use("/auth", toNodeListener(routes))` with Express. Over HTTP/1 and
 * HTTP/2. The routes read no body and no trailers, and neither does this: a body that was parsed before, or never ends,
 * changes nothing.
 */
export const toNodeListener =
  (routes: AuthRoutes) =>
  (incoming: IncomingRequest, outgoing: OutgoingResponse): void => {
    void respond(routes, incoming, outgoing).catch(() => {
      try {
        outgoing.destroy()
      } catch {
        // The connection is gone.
      }
    })
  }

const respond = async (
  routes: AuthRoutes,
  incoming: IncomingRequest,
  outgoing: OutgoingResponse,
): Promise<void> => {
  const request = toRequest(incoming)
  const response = request === undefined ? new Response(null, { status: 400 }) : await routes(request)
  await send(response, incoming, outgoing)
}

/** `undefined` for what is no request to any route: a method or a header that `Request` cannot hold. */
const toRequest = (incoming: IncomingRequest): Request | undefined => {
  const { method = "GET", url = "/" } = incoming
  // Express takes the path that a router is mounted at out of `url`.
  const path =
    "originalUrl" in incoming && typeof incoming.originalUrl === "string" ? incoming.originalUrl : url
  try {
    // The routes take their origin from their configuration, not from the Host header.
    const target = `${schemeOf(incoming)}://localhost${path.startsWith("/") ? path : "/"}`
    return new Request(target, { method, headers: headersOf(incoming) })
  } catch {
    return undefined
  }
}

const headersOf = ({ headers }: IncomingRequest): Headers => {
  const fields = new Headers()
  for (const [name, value] of Object.entries(headers)) {
    // HTTP/2 carries the request line as headers such as `:path`, which are none (RFC 9113 §8.3).
    if (value === undefined || name.startsWith(":")) continue
    fields.set(name, typeof value === "string" ? value : value.join(name === "cookie" ? "; " : ", "))
  }
  const authority = headers[":authority"]
  if (typeof authority === "string" && !fields.has("host")) fields.set("host", authority)
  return fields
}

/** How this server was reached: over TLS or not. */
const schemeOf = (incoming: IncomingRequest): "http" | "https" => {
  const socket = "socket" in incoming ? incoming.socket : undefined
  const isEncrypted =
    typeof socket === "object" && socket !== null && "encrypted" in socket && socket.encrypted === true
  return isEncrypted ? "https" : "http"
}

const send = async (
  response: Response,
  incoming: IncomingRequest,
  outgoing: OutgoingResponse,
): Promise<void> => {
  const { httpVersionMajor = 1 } = incoming
  const body = Buffer.from(await response.arrayBuffer())
  outgoing.statusCode = response.status
  const cookies = response.headers.getSetCookie()
  for (const [name, value] of response.headers) {
    // A page of the app's own may bring headers that HTTP/2 forbids (RFC 9113 §8.2.2).
    const isOfConnection = httpVersionMajor >= 2 && connectionHeaders.has(name)
    if (name !== "set-cookie" && !isOfConnection) outgoing.setHeader(name, value)
  }
  if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies)
  if (response.status !== 204) outgoing.setHeader("content-length", body.length)
  // Otherwise Node.js reads the rest of an unread body before the next request, however long it is. HTTP/2 resets the
  // stream alone.
  if (!incoming.complete && httpVersionMajor < 2) outgoing.setHeader("connection", "close")
  outgoing.end(body)
}

const connectionHeaders: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
])
