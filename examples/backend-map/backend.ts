/** The app's own backend: it signs users in, keeps their tokens, and calls the API for them. */
import type { IncomingMessage, ServerResponse } from "node:http"
import {
  createAuthRoutes,
  createTokenClient,
  ellipsisDrive,
  isTokenError,
  sqliteTokenStore,
  toNodeListener,
} from "@ellipsis-oauth/node"
import type { Backend } from "example-map-app/server"

export interface BackendOptions {
  /** The base URL of Ellipsis Drive's API. */
  readonly driveUrl: string
  readonly mapDataUrl: string
  readonly clientId: string
  readonly clientSecret: string
  readonly redirectUri: string
  /** The SQLite file. */
  readonly tokens: string
  /** Milliseconds since the epoch; the system's clock if left out. */
  readonly now?: () => number
}

interface ApiCall {
  /** The API. */
  readonly prefix: string
  readonly path: string
}

export const createBackend = (options: BackendOptions): Backend => {
  const { driveUrl, mapDataUrl, clientId, clientSecret, redirectUri, tokens, now = Date.now } = options
  const client = createTokenClient({
    server: ellipsisDrive({ baseUrl: driveUrl }),
    clientId,
    clientSecret,
    redirectUri,
    store: sqliteTokenStore({ path: tokens }),
    now,
  })
  const onError = (error: unknown, path: string) => console.error(path, error)
  const auth = createAuthRoutes(client, { now, onError })
  const authListener = toNodeListener(auth)

  /** Calls of the API with the token of the user who is signed in. The browser never sees that token. */
  const proxied: Readonly<Record<string, ApiCall>> = {
    "/api/account": { prefix: driveUrl, path: "account" },
    "/api/stations": { prefix: mapDataUrl, path: "stations" },
  }

  const ask = async ({ prefix, path }: ApiCall, request: IncomingMessage) => {
    try {
      const session = await auth.session(request)
      if (session === undefined) return { status: 401, body: { error: "login_required" } }
      return { status: 200, body: await session.ky({ prefix }).get(path).json() }
    } catch (error) {
      const action = isTokenError(error) ? error.action : undefined
      if (action === "login") return { status: 401, body: { error: "login_required" } }
      onError(error, request.url ?? "")
      if (action === "retry") return { status: 503, body: { error: "temporarily_unavailable" } }
      return { status: 502, body: { error: "upstream_failed" } }
    }
  }

  const respondApi = async (call: ApiCall, request: IncomingMessage, response: ServerResponse) => {
    const { status, body } = await ask(call, request)
    response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" })
    response.end(JSON.stringify(body))
  }

  return {
    handle: (request, response) => {
      const { url = "/" } = request
      const call = proxied[url]
      if (url.startsWith("/auth/")) authListener(request, response)
      else if (call !== undefined) void respondApi(call, request, response)
      else return false
      return true
    },
    [Symbol.asyncDispose]: () => client.close(),
  }
}
