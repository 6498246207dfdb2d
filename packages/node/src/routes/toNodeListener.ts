/** The routes as a listener for `node:http`, `node:https`, `node:http2`, Express, Connect and most servers of Node.js. */
import { badOption } from "@ellipsis-oauth/core/promise"
import type { AuthRoutes } from "./createAuthRoutes.js"

/** The members of an `IncomingMessage` or `Http2ServerRequest` that are read. */
export interface IncomingRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly httpVersionMajor?: number | undefined
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly complete: boolean
}

/** The members of a `ServerResponse` or `Http2ServerResponse` that are used. */
export interface OutgoingResponse {
  statusCode: number
  setHeader(name: string, value: string | number | readonly string[]): unknown
  end(body: Uint8Array): unknown
  destroy(): unknown
}

/**
 * `createServer(toNodeListener(routes))`, or `app.use("/auth", toNodeListener(routes))` with Express. Over HTTP/1 and
 * HTTP/2. It never reads the request's body, so a body parser before it does no harm.
 *
 * @throws ConfigurationError for anything but the routes
 */
export const toNodeListener = (
  routes: AuthRoutes,
): ((incoming: IncomingRequest, outgoing: OutgoingResponse) => void) => {
  if (typeof routes !== "function") throw badOption("routes", routes, "the result of createAuthRoutes")
  return (incoming, outgoing) => {
    void respond(routes, incoming, outgoing).catch(() => {
      try {
        outgoing.destroy()
      } catch {
        // The connection is gone.
      }
    })
  }
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

/** `undefined` for a method or a header that a `Request` cannot have: such a request is for no route. */
const toRequest = (incoming: IncomingRequest): Request | undefined => {
  const { method = "GET", url = "/" } = incoming
  // Express removes the path of a mounted router from `url`.
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
    // HTTP/2 sends the request line as pseudo-headers such as `:path` (RFC 9113 §8.3).
    if (value === undefined || name.startsWith(":")) continue
    fields.set(name, typeof value === "string" ? value : value.join(name === "cookie" ? "; " : ", "))
  }
  const authority = headers[":authority"]
  if (typeof authority === "string" && !fields.has("host")) fields.set("host", authority)
  return fields
}

/** Whether the connection to this server uses TLS. */
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
    // The app's own error page may have headers that HTTP/2 forbids (RFC 9113 §8.2.2).
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
