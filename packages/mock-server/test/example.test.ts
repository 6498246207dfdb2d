import { createMockServer } from "@ellipsis-oauth/mock-server"
import { expect, it } from "vitest"

it("survives a refresh whose response is lost", async () => {
  await using server = await createMockServer({ rotation: { grace: "30 seconds" } }).listen()
  const post = (parameters: Record<string, string>) =>
    fetch(`${server.url}/oauth/token`, {
      method: "POST",
      body: new URLSearchParams({ client_id: "demo-app", client_secret: "demo-secret", ...parameters }),
    })

  const { code } = server.authorize({ clientId: "demo-app" }) // as if the user had signed in and approved
  const login = await post({ grant_type: "authorization_code", authorization_code: code })
  const { refresh_token } = (await login.json()) as { refresh_token: string }

  server.clock.advance("1 hour") // the access token has expired
  server.faults.next("token", { at: "afterCommit", wire: "reset" }) // rotated, but the response is lost
  await expect(post({ grant_type: "refresh_token", refresh_token })).rejects.toThrow()
  expect((await post({ grant_type: "refresh_token", refresh_token })).status).toBe(200)

  expect(server.log.map((entry) => entry.decision)).toEqual(["granted", "granted", "granted", "granted"])
  expect(server.lint()).toEqual([]) // nothing that an RFC forbids
})
