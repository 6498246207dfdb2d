/** The routes as a listener of `node:http`, which is what Express, Connect and most servers of Node.js mount. */
import type { AuthRoutes } from "./createAuthRoutes.js"

/** What of an `IncomingMessage` is read. */
export interface IncomingRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly complete: boolean
}

/** What of a `ServerResponse` is used. */
export interface OutgoingResponse {
  statusCode: number
  setHeader(name: string, value: string | number | readonly string[]): unknown
  end(body: Uint8Array): unknown
  destroy(): unknown
}

/**
 * `createServer(toNodeListener(routes))`, or `app.use("/auth", toNodeListener(routes))` with Express. The routes read
 * no body, and neither does this: one that was parsed before, or never ends, changes nothing.
 */
export const toNodeListener =
  (routes: AuthRoutes) =>
  (incoming: IncomingRequest, outgoing: OutgoingResponse): void => {
    const request = toRequest(incoming)
    void (request === undefined ? Promise.resolve(new Response(null, { status: 400 })) : routes(request))
      .then((response) => send(response, incoming, outgoing))
      .catch(() => outgoing.destroy())
  }

/** `undefined` for what is no request to any route: a method or a target that `Request` cannot hold. */
const toRequest = (incoming: IncomingRequest): Request | undefined => {
  const { method = "GET", url = "/" } = incoming
  // Express takes the path that a router is mounted at out of `url`.
  const path =
    "originalUrl" in incoming && typeof incoming.originalUrl === "string" ? incoming.originalUrl : url
  const headers = new Headers()
  try {
    for (const [name, value] of Object.entries(incoming.headers)) {
      if (value !== undefined) headers.set(name, String(value))
    }
    // The routes know their own origin, so that nobody has to believe the Host header.
    return new Request(`http://localhost${path.startsWith("/") ? path : "/"}`, { method, headers })
  } catch {
    return undefined
  }
}

const send = async (
  response: Response,
  incoming: IncomingRequest,
  outgoing: OutgoingResponse,
): Promise<void> => {
  const body = Buffer.from(await response.arrayBuffer())
  outgoing.statusCode = response.status
  const cookies = response.headers.getSetCookie()
  for (const [name, value] of response.headers) {
    if (name !== "set-cookie") outgoing.setHeader(name, value)
  }
  if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies)
  if (response.status !== 204) outgoing.setHeader("content-length", body.length)
  // Otherwise Node.js reads the rest of an unread body before the next request, however long it is.
  if (!incoming.complete) outgoing.setHeader("connection", "close")
  outgoing.end(body)
}
