import { createMockServer } from "@ellipsis-oauth/mock-server"
import "@ellipsis-oauth/mock-server/jest"

test("a refresh that is made once", async () => {
  const server = createMockServer()
  /** @param {Record<string, string>} parameters */
  const post = async (parameters) => {
    const body = new URLSearchParams({ client_id: "demo-app", client_secret: "demo-secret", ...parameters })
    const response = await server.fetch(`${server.url}/oauth/token`, { method: "POST", body })
    return JSON.parse(await response.text())
  }
  const { code } = server.authorize({ clientId: "demo-app" })
  const { refresh_token } = await post({ grant_type: "authorization_code", authorization_code: code })
  server.clock.advance("1 hour")
  await post({ grant_type: "refresh_token", refresh_token })

  expect(server).toHaveRefreshedOnce()
  expect(server).not.toHaveRefreshedTimes(2)
  expect(server).toHaveCleanLint()
})
