import { describe, expect, it } from "vitest"
import { exchange, login, post, refresh, stillServer } from "../tokens.js"

describe("server.log", () => {
  it("numbers entries from 1 and keeps the newest, always in the same array", async () => {
    await using server = stillServer({ logSize: 8 })
    const { log } = server
    for (let i = 0; i < 100; i++) server.authorize({ clientId: "demo-app" })
    expect(log.length).toBeGreaterThanOrEqual(8)
    expect(log.length).toBeLessThanOrEqual(10)
    expect(log.at(-1)?.number).toBe(100)
    expect(log).toBe(server.log)
    const numbers = log.map(({ number }) => number)
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index))
  })

  it("calls its subscribers until they unsubscribe", async () => {
    await using server = stillServer()
    const told: number[] = []
    const leave = server.subscribe(({ number }) => told.push(number))
    server.authorize({ clientId: "demo-app" })
    leave()
    server.authorize({ clientId: "demo-app" })
    expect(told).toEqual([1])
  })

  it("keeps only the beginning of long parameters", async () => {
    await using server = stillServer()
    const long = "a".repeat(30_000)
    const basic = { authorization: `Basic ${Buffer.from(`${long}:x`).toString("base64")}` }
    await post(server, { client_id: `${long}b`, grant_type: long, [long]: "%" }, basic)
    await post(server, { [long]: "x" })
    await server.fetch(`${server.url}/${long}?client_id=${long}`)
    await server.fetch(`${server.url}/oauth/authorize?client_id=${long}&${long}=%zz`)
    await server.fetch(`${server.url}/oauth/authorize?client_id=${long}&redirect_uri=${long}`)
    expect(server.log).toHaveLength(5)
    for (const entry of server.log) expect(JSON.stringify(entry).length).toBeLessThan(3_000)
  })

  it("has one entry for each request, with its token family", async () => {
    await using server = stillServer()
    const { refreshToken } = await login(server)
    await refresh(server, refreshToken)
    await exchange(server, "unknown")
    const family = server.families[0]?.id
    expect(server.log.map(({ endpoint, decision, familyId }) => [endpoint, decision, familyId])).toEqual([
      ["authorize", "granted", undefined],
      ["token", "granted", family],
      ["token", "granted", family],
      ["token", "refused", undefined],
    ])
  })
})
