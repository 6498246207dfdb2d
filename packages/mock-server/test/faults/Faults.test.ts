import { describe, expect, it } from "vitest"
import { type Fault, faultCatalog, malformedReplies, OptionError } from "../../src/index.js"
import { account, exchange, last, login, refresh, stillServer } from "../tokens.js"

const send = async (server: ReturnType<typeof stillServer>, refreshToken: string) => {
  const response = await server.fetch(`${server.url}/oauth/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: refreshToken,
      client_id: "demo-app",
      client_secret: "demo-secret",
    }),
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

describe("a fault before the grant", () => {
  it("sends a response instead of the provider, which does not process the request", async () => {
    await using server = stillServer()
    const { code } = server.authorize({ clientId: "demo-app" })
    server.faults.next("token", {
      reply: { status: 503, headers: { "X-Test": "1" }, body: { message: "later" } },
    })
    const { status, headers, body } = await exchange(server, code)
    expect([status, headers.get("x-test"), headers.get("content-type"), body]).toEqual([
      503,
      "1",
      "application/json",
      { message: "later" },
    ])
    expect(last(server)).toMatchObject({
      decision: "skipped",
      status: 503,
      clientId: "demo-app",
      grantType: "authorization_code",
      fault: "the response was replaced by status 503, before the provider processed the request",
    })
    expect((await exchange(server, code)).status).toBe(200)
  })

  it("sends a text body with no content type of its own", async () => {
    await using server = stillServer()
    server.faults.next(
      "token",
      { reply: { body: "{}" } },
      { reply: { body: "{}", headers: { "Content-Type": "text/html" } } },
    )
    expect((await send(server, "")).headers.has("content-type")).toBe(false)
    expect((await send(server, "")).headers.get("content-type")).toBe("text/html")
  })

  it("waits on the clock before the provider processes the request", async () => {
    await using server = stillServer()
    const { code } = server.authorize({ clientId: "demo-app" })
    server.faults.next("token", { at: "beforeGrant", delay: "2 minutes" })
    const late = exchange(server, code)
    await server.clock.untilWaiting()
    server.clock.advance("2 minutes")
    expect((await late).body.error).toBe("invalid_grant")
    expect(last(server).reason).toContain("The code is 2 minutes old")
  })
})

describe("a fault after the commit", () => {
  it("loses the response of a rotation that was carried out", async () => {
    await using server = stillServer({ rotation: "always" })
    const { refreshToken } = await login(server)
    server.faults.next("token", faultCatalog.lostReply)
    await expect(send(server, refreshToken)).rejects.toThrow(
      expect.objectContaining({ cause: expect.objectContaining({ code: "ECONNRESET" }) }),
    )
    expect(last(server)).toMatchObject({ decision: "granted", status: 0 })
    expect(server.families[0]?.refreshTokens[0]).toMatchObject({
      state: "rotated",
      children: [{ number: 2, state: "active" }],
    })
  })

  it("replaces the response after the code was used up", async () => {
    await using server = stillServer()
    const { code } = server.authorize({ clientId: "demo-app" })
    server.faults.next("token", { at: "afterCommit", reply: { status: 502, body: "gone" } })
    expect(
      (
        await server.fetch(`${server.url}/oauth/token`, {
          method: "POST",
          body: new URLSearchParams({
            grant_type: "authorization_code",
            authorization_code: code,
            client_id: "demo-app",
            client_secret: "demo-secret",
          }),
        })
      ).status,
    ).toBe(502)
    expect((await exchange(server, code)).body.error).toBe("invalid_grant")
  })

  it("changes members, headers and status of the provider's own response", async () => {
    await using server = stillServer()
    const { refreshToken } = await login(server)
    server.faults.next("token", {
      change: {
        status: 201,
        headers: { "Cache-Control": null, "X-Test": "1" },
        set: { expires_in: "3600", extra: { deep: true } },
        omit: ["token_type"],
        duplicate: ["scope"],
      },
    })
    const { status, headers, text } = await send(server, refreshToken)
    expect([status, headers.get("cache-control"), headers.get("x-test")]).toEqual([201, null, "1"])
    expect(text.match(/"scope":/g)).toHaveLength(2)
    const { access_token, ...members } = JSON.parse(text)
    expect(members).toEqual({ scope: "projects", expires_in: "3600", extra: { deep: true } })
    expect((await account(server, access_token)).status).toBe(200)
  })

  it("cuts the body after `keep` characters", async () => {
    await using server = stillServer()
    const { refreshToken } = await login(server)
    server.faults.next("token", { change: { keep: 12 } })
    expect((await send(server, refreshToken)).text).toBe('{"access_tok')
  })

  it("delays the response, not the grant", async () => {
    await using server = stillServer()
    const { refreshToken } = await login(server)
    server.faults.next("token", { delay: "3 seconds" })
    const late = send(server, refreshToken)
    let settled = false
    void late.then(() => {
      settled = true
    })
    await server.clock.untilWaiting()
    expect(last(server)).toMatchObject({
      decision: "granted",
      fault: "delayed by 3 seconds, after the provider had processed it",
    })
    server.clock.advance(2_999)
    await new Promise(setImmediate)
    expect(settled).toBe(false)
    server.clock.advance(1)
    expect((await late).status).toBe(200)
  })
})

describe("Retry-After", () => {
  it("is whole seconds, rounded up, or a date by the server's clock", async () => {
    await using server = stillServer()
    server.faults.next(
      "token",
      { reply: { status: 429, retryAfter: 1_500 } },
      { reply: { status: 503, retryAfter: "1 minute", retryAfterAs: "date" } },
    )
    expect((await send(server, "")).headers.get("retry-after")).toBe("2")
    expect((await send(server, "")).headers.get("retry-after")).toBe("Thu, 01 Jan 2026 00:01:00 GMT")
    expect(server.log.map(({ retryAfter }) => retryAfter)).toEqual(["2", "Thu, 01 Jan 2026 00:01:00 GMT"])
  })
})

describe("which request gets a fault", () => {
  it("next: one each, in order, only at its endpoint", async () => {
    await using server = stillServer()
    const { accessToken, refreshToken } = await login(server)
    server.faults.next("token", { reply: { status: 500 } }, { reply: { status: 502 } })
    server.faults.next("any", { reply: { status: 504 } })
    expect((await send(server, refreshToken)).status).toBe(500)
    expect(
      (await server.fetch(`${server.url}/account`, { headers: { authorization: `Bearer ${accessToken}` } }))
        .status,
    ).toBe(504)
    expect((await send(server, refreshToken)).status).toBe(502)
    expect((await send(server, refreshToken)).status).toBe(200)
  })

  it("always: until it is stopped, after the faults of next", async () => {
    await using server = stillServer()
    const { refreshToken } = await login(server)
    const stop = server.faults.always("token", { reply: { status: 500 } })
    server.faults.next("token", { reply: { status: 502 } })
    const statuses = []
    for (let i = 0; i < 3; i++) statuses.push((await send(server, refreshToken)).status)
    stop()
    statuses.push((await send(server, refreshToken)).status)
    expect(statuses).toEqual([502, 500, 500, 200])
  })

  it("schedule: random, the same for the same seed", async () => {
    const run = async (seed: string) => {
      await using server = stillServer()
      const { refreshToken } = await login(server)
      server.faults.schedule(seed, {
        rate: 0.5,
        faults: [{ reply: { status: 500 } }, { reply: { status: 502 } }],
      })
      const statuses = []
      for (let i = 0; i < 40; i++) statuses.push((await send(server, refreshToken)).status)
      return statuses
    }
    const first = await run("a")
    expect(new Set(first)).toEqual(new Set([200, 500, 502]))
    expect(await run("a")).toEqual(first)
    expect(await run("b")).not.toEqual(first)
  })

  it("clear: removes all faults, and held requests continue", async () => {
    await using server = stillServer()
    const { refreshToken } = await login(server)
    server.faults.next("token", { reply: { status: 500 } }, { reply: { status: 500 } })
    server.faults.always("token", { reply: { status: 500 } })
    server.faults.schedule(1, { rate: 1 })
    const barrier = server.faults.hold(1)
    const parked = send(server, refreshToken)
    await barrier.full
    server.faults.clear()
    await parked
    expect((await send(server, refreshToken)).status).toBe(200)
  })
})

describe("barriers", () => {
  it("hold requests before the grant and release them in their order of arrival", async () => {
    await using server = stillServer({ rotation: "always" })
    const { refreshToken } = await login(server)
    const barrier = server.faults.hold(2)
    const both = Promise.all([refresh(server, refreshToken), refresh(server, refreshToken)])
    await barrier.full
    expect([barrier.waiting, server.log.length]).toEqual([2, 2])
    barrier.release()
    expect((await both).map(({ status }) => status)).toEqual([200, 400])
    expect((await refresh(server, refreshToken)).status).toBe(400)
  })

  it("hold responses after the grant with afterCommit", async () => {
    await using server = stillServer()
    const { accessToken, refreshToken } = await login(server)
    const barrier = server.faults.hold(1, { at: "afterCommit" })
    const parked = refresh(server, refreshToken)
    await barrier.full
    expect(server.log).toHaveLength(3)
    expect(last(server)).toMatchObject({ grantType: "refresh_token", decision: "granted" })
    expect((await account(server, accessToken)).status).toBe(200)
    barrier.release()
    expect((await parked).status).toBe(200)
  })
})

describe("the catalogue", () => {
  it.each(malformedReplies)(
    "carries out the grant and sends a malformed token response: $name",
    async ({ fault }) => {
      await using server = stillServer({ rotation: "always" })
      const { refreshToken } = await login(server)
      const plain = await send(server, refreshToken)
      const second = JSON.parse(plain.text).refresh_token
      server.faults.next("token", fault)
      const { status, text } = await send(server, second)
      expect(status).toBe(200)
      expect(text).not.toBe(plain.text)
      expect(server.families[0]?.refreshTokens[0]?.children[0]?.state).toBe("rotated")
    },
  )

  it("has a unique name for each malformed response", () => {
    expect(new Set(malformedReplies.map(({ name }) => name)).size).toBe(malformedReplies.length)
  })

  it.each(Object.entries(faultCatalog))("has a valid fault: %s", async (_, fault) => {
    const server = stillServer()
    expect(() => server.faults.next("token", fault)).not.toThrow()
  })
})

it.each<[Fault | Record<string, unknown>, RegExp]>([
  [
    { reply: { status: 99 } },
    /^Option "faults\.next\.reply\.status" must be a status from 200 to 599, got 99\./,
  ],
  [{ reply: { headers: { "a b": "c" } } }, /^Option "faults\.next\.reply\.headers\.a b/],
  [{ reply: { headers: { a: "b\r\nc: d" } } }, /^Option "faults\.next\.reply\.headers\.a/],
  [{ reply: { retryAfter: "soon" } }, /^Option "faults\.next\.reply\.retryAfter/],
  [{ replies: {} }, /^Option "faults\.next\.replies" is not known/],
  [{ at: "now" }, /^Option "faults\.next\.at/],
  [{ at: "beforeGrant", wire: "closeInBody" }, /^Option "faults\.next\.at/],
  [{ change: { keep: -1 } }, /^Option "faults\.next\.change\.keep/],
  [{ change: { keepp: 1 } }, /^Option "faults\.next\.change\.keepp/],
  [{ wire: "cut" }, /^Option "faults\.next\.wire/],
  [{ delay: "soon" }, /^Option "faults\.next\.delay/],
  [{ slowBody: { pause: 1, chunk: 0 } }, /^Option "faults\.next\.slowBody\.chunk/],
])("a bad fault fails at once: %j", (fault, message) => {
  const server = stillServer()
  expect(() => server.faults.next("token", fault as Fault)).toThrow(OptionError)
  expect(() => server.faults.next("token", fault as Fault)).toThrow(message)
})

describe("the target refresh", () => {
  it("does not affect other token requests", async () => {
    await using server = stillServer()
    server.faults.next("refresh", { reply: { status: 503, body: {} } })
    const { refreshToken } = await login(server)
    expect((await refresh(server, refreshToken)).status).toBe(503)
    expect((await refresh(server, refreshToken)).status).toBe(200)
  })

  it("works with always and hold", async () => {
    await using server = stillServer()
    const end = server.faults.always("refresh", { reply: { status: 500, body: {} } })
    const { refreshToken } = await login(server)
    expect((await refresh(server, refreshToken)).status).toBe(500)
    end()
    const barrier = server.faults.hold(1, { target: "refresh" })
    await login(server)
    const held = refresh(server, refreshToken)
    await barrier.full
    barrier.release()
    expect((await held).status).toBe(200)
  })
})
