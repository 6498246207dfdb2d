import { describe, expect, it } from "vitest"
import { createMockServer, faultCatalog, malformedReplies } from "../../src/index.js"
import { call, get, remoteServer, remoteUrl } from "../remote.js"

const token = (url: string, parameters: Record<string, string>) =>
  fetch(`${url}/oauth/token`, {
    method: "POST",
    body: new URLSearchParams({ client_id: "demo-app", client_secret: "demo-secret", ...parameters }),
  })

const login = async (server: { readonly url: string }) => {
  const { body } = await call(server, "authorize", { clientId: "demo-app" })
  const reply = await token(server.url, {
    grant_type: "authorization_code",
    authorization_code: String(body["code"]),
  })
  return (await reply.json()) as { access_token: string; refresh_token: string }
}

const refresh = (server: { readonly url: string }, refreshToken: string) =>
  token(server.url, { grant_type: "refresh_token", refresh_token: refreshToken })

const account = async (server: { readonly url: string }, accessToken: string) =>
  (await fetch(`${server.url}/account`, { headers: { authorization: `Bearer ${accessToken}` } })).status

describe("the remote control", () => {
  it("is off by default, and its error says how to turn it on", async () => {
    await using server = await createMockServer().listen()
    for (const name of ["log", "openapi.json", "nothing"]) {
      const { status, body } = await get(server, name)
      expect(status).toBe(404)
      expect(body["message"]).toMatch(/^The remote control is off\. Turn it on/)
    }
    expect((await call(server, "reset")).status).toBe(404)
    expect(server.log).toEqual([])
  })

  it("issues a code, exchanges and refreshes it by HTTP alone", async () => {
    await using server = await remoteServer({ rotation: "always" })
    const first = await login(server)
    expect(await account(server, first.access_token)).toBe(200)

    const before = await get(server, "clock/now")
    expect(before.body).toEqual({ now: Date.UTC(2026, 0, 1) })
    const moved = await call(server, "clock/advance", { by: "1 hour" })
    expect(moved.body).toEqual({ now: Date.UTC(2026, 0, 1, 1) })
    expect(await account(server, first.access_token)).toBe(401)
    expect((await refresh(server, first.refresh_token)).status).toBe(200)

    const { body: log } = await get(server, "log")
    expect(log["log"]).toEqual(JSON.parse(JSON.stringify(server.log)))
    const { body: families } = await get(server, "families")
    expect(families["families"]).toEqual(JSON.parse(JSON.stringify(server.families)))
    expect((await get(server, "lint")).body).toEqual({ lint: [] })
    expect((await get(server, "transcript")).body).toEqual({ transcript: server.transcript() })
    expect((await get(server, "url")).body).toEqual({ url: server.url })
  })

  it("is in no log", async () => {
    await using server = await remoteServer()
    await get(server, "clock/now")
    await call(server, "clock/advance", { by: "nonsense" })
    await get(server, "nothing")
    expect(server.log).toEqual([])
  })

  it("works in process too", async () => {
    await using server = createMockServer({ remoteControl: true })
    const response = await server.fetch(remoteUrl(server, "url"))
    expect(await response.json()).toEqual({ url: server.url })
  })

  it("sets the clock, and reports how many responses wait for it", async () => {
    await using server = await remoteServer()
    expect((await call(server, "clock/set", { now: 5_000 })).body).toEqual({ now: 5_000 })
    expect(server.clock.now()).toBe(5_000)

    await call(server, "faults/next", { target: "account", faults: [{ delay: "3 seconds" }] })
    const late = account(server, "none")
    expect((await call(server, "clock/untilWaiting")).body).toEqual({ waiting: 1 })
    expect((await get(server, "clock/waiting")).body).toEqual({ waiting: 1 })
    await call(server, "clock/advance", { by: 3_000 })
    expect(await late).toBe(401)
  })

  it("takes faults as JSON and by name", async () => {
    await using server = await remoteServer()
    await call(server, "faults/next", {
      target: "any",
      faults: ["unavailable", { reply: { status: 418 } }, malformedReplies[2]?.name],
    })
    expect(await account(server, "none")).toBe(503)
    expect(await account(server, "none")).toBe(418)
    expect(await (await refresh(server, "none")).json()).toMatchObject({ access_token: null })

    expect((await get(server, "faultCatalog")).body).toEqual({
      faultCatalog: JSON.parse(JSON.stringify(faultCatalog)),
    })
    expect((await get(server, "malformedReplies")).body["malformedReplies"]).toContain("cut off JSON")
  })

  it("ends a lasting fault by its id", async () => {
    await using server = await remoteServer()
    const { body: always } = await call(server, "faults/always", { target: "account", fault: "serverError" })
    expect(await account(server, "none")).toBe(500)
    expect(await account(server, "none")).toBe(500)
    await call(server, "faults/end", always)
    expect(await account(server, "none")).toBe(401)

    const { body: schedule } = await call(server, "faults/schedule", {
      seed: 1,
      rate: 1,
      target: "account",
      faults: ["badGateway"],
    })
    expect(await account(server, "none")).toBe(502)
    await call(server, "faults/end", schedule)
    expect(await account(server, "none")).toBe(401)

    await call(server, "faults/schedule", { seed: "a", rate: 1, target: "account" })
    await call(server, "faults/clear")
    expect(await account(server, "none")).toBe(401)
  })

  it("holds requests until `count` have arrived, and releases them", async () => {
    await using server = await remoteServer({ rotation: { grace: "1 minute" } })
    const { refresh_token } = await login(server)
    const { body: barrier } = await call(server, "faults/hold", { count: 2 })

    const full = call(server, "barrier/full", barrier)
    const refreshes = [refresh(server, refresh_token), refresh(server, refresh_token)]
    expect((await full).body).toEqual({ waiting: 2 })
    expect((await call(server, "barrier/waiting", barrier)).body).toEqual({ waiting: 2 })
    expect(server.log).toHaveLength(2)

    await call(server, "barrier/release", barrier)
    expect((await Promise.all(refreshes)).map(({ status }) => status)).toEqual([200, 200])
    expect((await call(server, "barrier/waiting", barrier)).body).toEqual({ waiting: 0 })
  })

  it("plans the decisions of users", async () => {
    await using server = await remoteServer({ autoApprove: false })
    const visit = () =>
      fetch(`${server.url}/oauth/authorize?response_type=code&client_id=demo-app`, { redirect: "manual" })
    await call(server, "authorize/next", { decision: "approve" })
    await call(server, "authorize/next", { decision: { user: "demo" } })
    await call(server, "authorize/deny")
    expect((await visit()).headers.get("location")).toContain("code=")
    expect((await visit()).headers.get("location")).toContain("code=")
    expect((await visit()).headers.get("location")).toContain("error=access_denied")
    expect((await visit()).status).toBe(200)

    const denied = await call(server, "authorize/deny", { clientId: "demo-app", state: "a b" })
    expect(denied.body["redirectUrl"]).toContain("error=access_denied")
    const nobody = await call(server, "authorize/deny", { state: "a b" })
    expect(nobody.body["option"]).toBe("authorize.clientId")
  })

  it("revokes tokens and families", async () => {
    await using server = await remoteServer()
    const { access_token, refresh_token } = await login(server)
    await call(server, "revoke", { token: access_token })
    expect(await account(server, access_token)).toBe(401)
    expect((await refresh(server, refresh_token)).status).toBe(200)
    await call(server, "revokeFamily", { idOrToken: refresh_token })
    expect((await refresh(server, refresh_token)).status).toBe(400)
  })

  it("resets everything, its own ids included", async () => {
    await using server = await remoteServer()
    await login(server)
    const { body: barrier } = await call(server, "faults/hold", { count: 1 })
    expect((await call(server, "reset")).body).toEqual({})
    expect((await get(server, "log")).body).toEqual({ log: [] })
    expect((await get(server, "families")).body).toEqual({ families: [] })
    const gone = await call(server, "barrier/full", barrier)
    expect(gone.status).toBe(400)
    expect(gone.body).toMatchObject({
      option: "barrier.full.id",
      takes: "the id of an active fault or barrier",
    })
  })

  it("responds with the next request when it arrives", async () => {
    await using server = await remoteServer()
    const next = call(server, "subscribe", { after: 0 })
    await account(server, "none")
    const { body } = await next
    expect(body["log"]).toMatchObject([{ number: 1, endpoint: "account" }])
    expect((await call(server, "subscribe", { after: 0 })).body).toEqual(body)
  })

  it("ends the longest waiting request when too many wait", async () => {
    await using server = createMockServer({ remoteControl: true })
    const ask = () =>
      server.fetch(remoteUrl(server, "subscribe"), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: "{}",
      })
    const [oldest, ...others] = Array.from({ length: 101 }, ask)
    expect(await (await oldest)?.json()).toEqual({ log: [] })
    await server.fetch(`${server.url}/account`)
    for (const other of others) expect(await (await other).json()).toMatchObject({ log: [{ number: 1 }] })
  })
})

describe("an invalid call", () => {
  it.each([
    ["clock/advance", {}, "clock.advance.by", "nothing"],
    ["clock/advance", { by: "soon" }, "clock.advance.by", '"soon"'],
    ["clock/advance", { by: -1 }, "clock.advance.by", "-1"],
    ["clock/advance", { by: 1, to: 2 }, "clock.advance.to", "2"],
    ["clock/advance", [1], "clock.advance", "[1]"],
    ["clock/advance", null, "clock.advance", "null"],
    ["clock/set", { now: "today" }, "clock.set.now", '"today"'],
    ["clock/untilWaiting", { count: 1.5 }, "clock.untilWaiting.count", "1.5"],
    ["faults/next", { target: "tokens", faults: [] }, "faults.next.target", '"tokens"'],
    ["faults/next", { target: "token", faults: "reset" }, "faults.next.faults", '"reset"'],
    ["faults/next", { target: "token", faults: ["rest"] }, "faults.next.faults[0]", '"rest"'],
    ["faults/next", { target: "token", faults: [null] }, "faults.next.faults[0]", "null"],
    ["faults/next", { target: "token", faults: [{ reply: null }] }, "faults.next.faults[0].reply", "null"],
    [
      "faults/always",
      { target: "token", fault: { change: { omit: 5 } } },
      "faults.always.fault.change.omit",
      "5",
    ],
    ["faults/always", { target: "token", fault: { wire: "rest" } }, "faults.always.fault.wire", '"rest"'],
    [
      "faults/always",
      { target: "token", fault: { at: "beforeGrant", wire: "closeInBody" } },
      "faults.always.at",
      '"beforeGrant"',
    ],
    ["faults/schedule", { seed: {} }, "faults.schedule.seed", "{}"],
    ["faults/schedule", { seed: 1, rate: 2 }, "faults.schedule.rate", "2"],
    ["faults/hold", { count: 0 }, "faults.hold.count", "0"],
    ["faults/end", { id: "x" }, "faults.end.id", '"x"'],
    ["barrier/release", { id: 5 }, "barrier.release.id", "5"],
    ["authorize", { clientId: "nobody" }, "authorize.clientId", '"nobody"'],
    ["authorize", { clientId: 5 }, "authorize.clientId", "5"],
    ["authorize/next", { decision: "perhaps" }, "authorize.next.decision", '"perhaps"'],
    ["authorize/next", { decision: { user: "nobody" } }, "authorize.next.user", '"nobody"'],
    ["revoke", { token: "unknown" }, "revoke", '"a token that this server does not know"'],
    ["reset", { all: true }, "reset.all", "true"],
    ["reset", JSON.parse('{"__proto__":{"all":true}}'), "reset.__proto__", '{"all":true}'],
  ])("%s with %j is refused, and %s is named", async (name, input, option, got) => {
    await using server = await remoteServer()
    const { status, body } = await call(server, name, input)
    expect(status).toBe(400)
    expect(body["option"]).toEqual(typeof option === "string" ? option : expect.stringMatching(option))
    const problems = [`must be ${body["takes"]}, got ${got}.`, "is not known. See the documentation."]
    const beginnings = problems.map((problem) => `Option "${body["option"]}" ${problem}`)
    expect(beginnings.some((beginning) => String(body["message"]).startsWith(beginning))).toBe(true)
  })

  it.each([
    ["no JSON", "{", { "content-type": "application/json" }, 400, /not JSON/],
    ["no UTF-8", Uint8Array.of(0x7b, 0xff), { "content-type": "application/json" }, 400, /not UTF-8/],
    [
      "a form",
      "by=1",
      { "content-type": "application/x-www-form-urlencoded" },
      415,
      /must be application\/json/,
    ],
    ["too much", `{"by":"${"1".repeat(70_000)}"}`, { "content-type": "application/json" }, 413, /too large/],
  ])("a body that is %s is refused", async (_, body, headers, status, message) => {
    await using server = await remoteServer()
    const response = await fetch(remoteUrl(server, "clock/advance"), { method: "POST", headers, body })
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ message: expect.stringMatching(message) })
  })

  it("names the allowed method, and the document of all operations", async () => {
    await using server = await remoteServer()
    const wrong = await get(server, "reset")
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "POST"])
    expect((await call(server, "log")).status).toBe(405)
    const missing = await get(server, "toString")
    expect([missing.status, missing.body["message"]]).toEqual([404, expect.stringContaining("openapi.json")])
  })
})
