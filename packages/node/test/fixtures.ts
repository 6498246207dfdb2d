import { storeKey } from "@ellipsis-oauth/core/promise"
import { createMockServer, type MockServer, type MockServerOptions } from "@ellipsis-oauth/mock-server"
import { onTestFinished } from "vitest"
import { createTokenClient, ellipsisDrive, type TokenClient, type TokenClientOptions } from "../src/index.js"

export const redirectUri = "http://localhost:3000/callback"
export const confidential = { clientId: "demo-app", clientSecret: "demo-secret", redirectUri }
export const publicClient = { clientId: "demo-spa", redirectUri }

/** A mock server on a socket of its own, closed after the test. */
export const listening = async (options: MockServerOptions = {}): Promise<MockServer> => {
  const server = await createMockServer(options).listen({ port: 0 })
  onTestFinished(() => server.close())
  return server
}

export const clientFor = (server: MockServer, options: Partial<TokenClientOptions> = {}): TokenClient =>
  createTokenClient({ server: ellipsisDrive({ baseUrl: server.url }), ...confidential, ...options })

/** Where a client keeps the token of a session. */
export const keyInStore = ({ endpoint }: Pick<TokenClient, "endpoint">, key: string): string =>
  storeKey({ clientId: endpoint.client.clientId, tokenEndpoint: endpoint.server.tokenEndpoint }, key)

/** Follows the authorization URL as a browser would, and returns where it ends up. */
export const approve = async (server: MockServer, url: string): Promise<string> => {
  const response = await server.fetch(url, { redirect: "manual" })
  const location = response.headers.get("location")
  if (location === null) throw new Error(`no redirect: ${response.status} ${await response.text()}`)
  return location
}

/** The whole login, up to the checked response. */
export const login = async (server: MockServer, client: TokenClient) => {
  const { url, transaction } = await client.createAuthorizationRequest({
    scope: "projects",
    returnTo: "/map",
  })
  return client.parseAuthorizationResponse(await approve(server, url), transaction)
}

/** The value that a promise rejects with. */
export const rejection = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error("the promise did not reject")
}
