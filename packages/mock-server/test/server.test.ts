import { describe, expect, it } from "vitest"
import { createMockServer } from "../src/index.js"
import { account, exchange, last, login, refresh, stillServer } from "./tokens.js"

describe("createMockServer", () => {
  it("walks from a code to an API call, past expiry, and through a refresh", async () => {
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

  it("answers in process and on a socket from the same state", async () => {
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

  it("gives the same log, families, findings and transcript whichever way a scenario comes in", async () => {
    const run = async (way: "function" | "socket") => {
      await using server = stillServer({ rotation: "always" })
      if (way === "socket") await server.listen()
      const fetch: typeof globalThis.fetch = way === "socket" ? globalThis.fetch : server.fetch
      const url = `${server.url}/oauth`
      const post = (body: string | URLSearchParams, headers: Record<string, string> = {}) =>
        fetch(`${url}/token`, { method: "POST", body, headers }).then(
          (response) => response.text(),
          (error) => error.cause.code,
        )
      const refreshed = (refresh_token: string) =>
        post(
          new URLSearchParams({
            grant_type: "refresh_token",
            refresh_token,
            client_id: "demo-app",
            client_secret: "demo-secret",
          }),
        )
      const replies = []
      const redirect = await fetch(`${url}/authorize?response_type=code&client_id=demo-app&state=a%20b`, {
        redirect: "manual",
      })
      const code = new URL(redirect.headers.get("location") ?? "").searchParams.get("code")
      const basic = {
        authorization: `Basic ${btoa("demo-app:demo-secret")}`,
        "content-type": "application/json",
      }
      const login = await post(
        JSON.stringify({ grant_type: "authorization_code", authorization_code: code }),
        basic,
      )
      const { access_token, refresh_token } = JSON.parse(login)
      server.clock.advance("2 hours")
      const refused = await fetch(`${server.url}/account`, {
        headers: { authorization: `Bearer ${access_token}` },
      })
      server.faults.next(
        "token",
        { reply: { status: 503, retryAfter: 1_000 } },
        { at: "afterCommit", wire: "reset" },
      )
      for (let i = 0; i < 3; i++) replies.push(await refreshed(refresh_token))
      replies.push(
        login,
        await refused.text(),
        await post("%zz"),
        await (await fetch(`${server.url}/nothing`)).text(),
      )
      return {
        replies,
        log: [...server.log],
        families: server.families,
        lint: server.lint(),
        transcript: server.transcript(),
      }
    }
    const inProcess = await run("function")
    expect(inProcess.log.map(({ status }) => status)).toEqual([302, 200, 401, 503, 0, 400, 400, 404])
    expect(inProcess.replies).toContain("ECONNRESET")
    expect(await run("socket")).toEqual(inProcess)
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
