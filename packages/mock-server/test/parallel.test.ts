import { expect, it } from "vitest"
import { createMockServer } from "../src/index.js"
import { login, refresh } from "./tokens.js"

it("500 servers at once, each on its port and with its own state, disturb nothing", async () => {
  const urls = await Promise.all(
    Array.from({ length: 500 }, async (_, index) => {
      await using server = await createMockServer({ rotation: "always", seed: index }).listen()
      const { accessToken, refreshToken } = await login(server)
      server.clock.advance(index * 1_000)
      if (index % 5 === 0) server.faults.next("token", { reply: { status: 503, body: {} } })
      const { status, body } = await refresh(server, refreshToken)
      expect(status).toBe(index % 5 === 0 ? 503 : 200)
      const onSocket = await fetch(`${server.url}/account`, {
        headers: { authorization: `Bearer ${accessToken}` },
      })
      await onSocket.body?.cancel()
      expect(onSocket.status).toBe(index * 1_000 < 3_600_000 ? 200 : 401)
      expect(server.log.map(({ endpoint }) => endpoint)).toEqual(["authorize", "token", "token", "account"])
      expect(server.families).toHaveLength(1)
      return [server.url, body.access_token]
    }),
  )
  expect(new Set(urls.map(([url]) => url)).size).toBe(500)
})
