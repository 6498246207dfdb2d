// Other HTTP clients over `session.fetch`, against the mock: the token, and another one after a 401.
import { createTokenClient, type TokenSession } from "@ellipsis-oauth/node"
import { expect, test } from "vitest"
import { axiosOf } from "../src/axios.js"
import { openApiOf } from "../src/openapi.js"

const clients: readonly (readonly [string, (session: TokenSession) => Promise<unknown>])[] = [
  ["axios", async (session) => (await axiosOf(session).get("/account")).data],
  ["openapi-fetch", async (session) => (await openApiOf(session).GET("/account")).data],
]

test.each(clients)("%s", async (_name, call) => {
  const seen: (string | null)[] = []
  const api = async (input: string, init: { readonly headers?: unknown; readonly body?: unknown }) => {
    if (input.endsWith("/oauth/token")) {
      const body = {
        access_token: `token-${seen.length}`,
        refresh_token: "r",
        expires_in: 3600,
        token_type: "Bearer",
      }
      return Response.json(body)
    }
    seen.push(new Headers(init.headers as Record<string, string>).get("authorization"))
    return seen.length === 1 ? new Response(null, { status: 401 }) : Response.json({ username: "ada" })
  }
  const client = createTokenClient({
    clientId: "app",
    clientSecret: "secret",
    fetch: api as never,
  })
  const session = client.session()
  await session.importToken({ accessToken: "old", refreshToken: "r", expiresAt: Date.now() + 3_600_000 })
  expect(await call(session)).toEqual({ username: "ada" })
  expect(seen).toEqual(["Bearer old", "Bearer token-1"])
})
