import { describe, expect, it } from "vitest"
import { createMockServer } from "../src/index.js"
import { throughFunction, throughMsw, throughSocket } from "./scenario.js"
import { account, exchange, last, login, refresh, stillServer } from "./tokens.js"

describe("createMockServer", () => {
  it("exchanges a code, serves an API call, expires the token and refreshes it", async () => {
    await using server = stillServer()
    const tokens = await login(server)
    expect((await account(server, tokens.accessToken)).body).toMatchObject({ username: "demo" })

    server.clock.advance("1 hour")
    const expired = await account(server, tokens.accessToken)
    expect(expired.status).toBe(401)
    expect(expired.headers.get("www-authenticate")).toContain('error="invalid_token"')

    const { body } = await refresh(server, tokens.refreshToken)
    expect(body).toMatchObject({ token_type: "Bearer", expires_in: 3600, scope: "projects" })
    expect(body.refresh_token).toBeUndefined()
    expect((await account(server, body.access_token ?? "")).status).toBe(200)
  })

  it("shares one state between fetch and a socket", async () => {
    await using server = createMockServer()
    expect(server.url).toBe("http://mock.localhost/v3")
    const { refreshToken } = await login(server)
    await server.listen()
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v3$/)
    const response = await fetch(`${server.url}/oauth/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "refresh_token",
        refresh_token: refreshToken,
        client_id: "demo-app",
        client_secret: "demo-secret",
      }),
    })
    expect(response.status).toBe(200)
    expect(response.headers.get("cache-control")).toBe("no-store")
    expect(last(server)).toMatchObject({ endpoint: "token", decision: "granted" })
  })

  it("has the same log, families, findings and transcript for the same requests by fetch, socket and command", async () => {
    const inProcess = await throughFunction()
    expect(inProcess.log.map(({ status }) => status)).toEqual([302, 200, 401, 503, 0, 400, 400, 404])
    expect(inProcess.responses).toContain("no response")
    expect(await throughSocket()).toEqual(inProcess)
    expect(await throughMsw()).toEqual(inProcess)
  })

  it("issues the same tokens for the same seed, and others for another", async () => {
    const first = async (seed?: number) => {
      await using server = createMockServer(seed === undefined ? {} : { seed })
      return (await exchange(server, server.authorize({ clientId: "demo-app" }).code)).body
    }
    expect(await first(1)).toEqual(await first(1))
    expect(await first(1)).not.toEqual(await first(2))
    expect(await first()).not.toEqual(await first())
  })
})
