import assert from "node:assert/strict"
import { test } from "node:test"
import { createMockServer, matchers } from "@ellipsis-oauth/mock-server"

test("a refresh that is made once", async (context) => {
  const server = await createMockServer().listen()
  context.after(() => server.close())
  const post = async (parameters: Record<string, string>): Promise<Record<string, string>> => {
    const body = new URLSearchParams({ client_id: "demo-app", client_secret: "demo-secret", ...parameters })
    const response = await fetch(`${server.url}/oauth/token`, { method: "POST", body })
    return (await response.json()) as Record<string, string>
  }
  const { code } = server.authorize({ clientId: "demo-app" })
  const login = await post({ grant_type: "authorization_code", authorization_code: code })
  server.clock.advance("1 hour")
  await post({ grant_type: "refresh_token", refresh_token: login["refresh_token"] ?? "" })

  const { pass, message } = matchers.toHaveRefreshedOnce(server)
  assert.ok(pass, message())
  assert.deepEqual(server.lint(), [])
})
