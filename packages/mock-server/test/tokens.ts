/** Shared by the tests of this folder: a server and a minimal client. */
import { createMockServer, type MockServer } from "../src/index.js"

export const redirectUri = "http://localhost:3000/callback"

export const app = { client_id: "demo-app", client_secret: "demo-secret" } as const

export interface TokenReply {
  readonly status: number
  readonly headers: Headers
  readonly body: {
    readonly access_token?: string
    readonly refresh_token?: string
    readonly error?: string
    readonly [name: string]: unknown
  }
}

/** Sends a token request as a form. */
export const post = async (
  server: MockServer,
  parameters: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<TokenReply> => {
  const response = await server.fetch(`${server.url}/oauth/token`, {
    method: "POST",
    headers,
    body: new URLSearchParams(parameters),
  })
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as TokenReply["body"],
  }
}

export const exchange = (server: MockServer, code: string, more: Readonly<Record<string, string>> = {}) =>
  post(server, { grant_type: "authorization_code", authorization_code: code, ...app, ...more })

export const refresh = (
  server: MockServer,
  refreshToken: string,
  more: Readonly<Record<string, string>> = {},
) => post(server, { grant_type: "refresh_token", refresh_token: refreshToken, ...app, ...more })

/** Tokens of a new login; fails if there are none. */
export const login = async (server: MockServer) => {
  const { body } = await exchange(server, server.authorize({ clientId: "demo-app" }).code)
  if (body.access_token === undefined || body.refresh_token === undefined)
    throw new Error(JSON.stringify(body))
  return { accessToken: body.access_token, refreshToken: body.refresh_token }
}

export const account = async (server: MockServer, accessToken: string) => {
  const response = await server.fetch(`${server.url}/account`, {
    headers: { authorization: `Bearer ${accessToken}` },
  })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

/** A server with a stopped clock, so that nothing depends on how fast the test runs. */
export const stillServer: typeof createMockServer = (options) =>
  createMockServer({ now: Date.UTC(2026, 0, 1), seed: "test", ...options })

/** The newest log entry. */
export const last = (server: MockServer) => {
  const entry = server.log.at(-1)
  if (entry === undefined) throw new Error("the log is empty")
  return entry
}
