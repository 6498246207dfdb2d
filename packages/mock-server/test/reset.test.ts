// What a reset undoes, which fault of several counts, and what is told in short.
import { expect, it, vi } from "vitest"
import { createChangeFeed } from "../src/common/ChangeFeed.js"
import { createClock } from "../src/common/Clock.js"
import { createMockServer } from "../src/index.js"
import { call, remoteServer } from "./remote.js"
import { login, redirectUri, refresh, stillServer } from "./tokens.js"

it("a reset sets the clock back, and forgets the decisions of the next users", async () => {
  await using server = stillServer()
  const start = server.clock.now()
  server.clock.advance("3 hours")
  server.authorize.next("deny")
  server.reset()
  expect(server.clock.now()).toBe(start)
  const query = new URLSearchParams({
    response_type: "code",
    client_id: "demo-app",
    redirect_uri: redirectUri,
    state: "s",
  })
  const response = await server.fetch(`${server.url}/oauth/authorize?${query}`)
  const { searchParams } = new URL(response.headers.get("location") ?? "")
  expect([searchParams.has("code"), searchParams.get("error")]).toEqual([true, null])
})

it("a fault for every request counts before random ones, whichever was planned first", async () => {
  for (const isFirst of [true, false]) {
    await using server = stillServer()
    const { refreshToken } = await login(server)
    const always = () => server.faults.always("token", { reply: { status: 503, body: {} } })
    if (isFirst) always()
    server.faults.schedule("seed", { rate: 1, faults: [{ reply: { status: 500, body: {} } }] })
    if (!isFirst) always()
    expect((await refresh(server, refreshToken)).status).toBe(503)
  }
})

it("a fault can send another date than the server's", async () => {
  await using server = stillServer()
  const { refreshToken } = await login(server)
  const date = "Thu, 01 Jan 1970 00:00:00 GMT"
  server.faults.next("token", { change: { headers: { date } } })
  expect((await refresh(server, refreshToken)).headers.get("date")).toBe(date)
})

it("the transcript shows no query of a redirect URI", async () => {
  await using server = stillServer()
  const query = new URLSearchParams({
    response_type: "code",
    client_id: "demo-app",
    redirect_uri: `${redirectUri}?session=kanary`,
  })
  await server.fetch(`${server.url}/oauth/authorize?${query}`)
  expect(server.transcript()).toContain(`redirect_uri=${redirectUri}\n`)
  expect(server.transcript()).not.toContain("kanary")
})

it("the error for an option shows the beginning of a long value", () => {
  const create = () => createMockServer({ scopes: "x".repeat(1000) as never })
  expect(create).toThrow(`got "${"x".repeat(59)}….`)
})

it("a remote subscriber waits for the next request where it does not say which it has", async () => {
  await using server = await remoteServer()
  server.authorize({ clientId: "demo-app" })
  let isHeard = false
  const waiting = call(server, "subscribe").finally(() => {
    isHeard = true
  })
  // It may arrive after some of them.
  while (!isHeard) {
    server.authorize({ clientId: "demo-spa" })
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  expect((await waiting).body).toMatchObject({ log: [{ clientId: "demo-spa" }] })
})

it("of more than a hundred waiting requests the oldest ends early", async () => {
  const changes = createChangeFeed()
  const outcomes: string[] = []
  for (let count = 1; count <= 102; count++) {
    void changes.next().then((changed) => outcomes.push(`${count} ${changed}`))
  }
  await Promise.resolve()
  expect(outcomes).toEqual(["1 false", "2 false"])
  changes.publish()
  await Promise.resolve()
  expect(outcomes).toHaveLength(102)
  expect(outcomes.slice(2).every((outcome) => outcome.endsWith("true"))).toBe(true)
})

it("what waits on a clock of its own is due by that clock, also where the real timer is earlier", () => {
  vi.useFakeTimers()
  try {
    let time = 0
    const clock = createClock(() => time)
    const run = vi.fn()
    clock.after(1000, run)
    vi.advanceTimersByTime(1000)
    expect(run).not.toHaveBeenCalled()
    time = 1000
    vi.advanceTimersByTime(1000)
    expect(run).toHaveBeenCalledOnce()
  } finally {
    vi.useRealTimers()
  }
})
