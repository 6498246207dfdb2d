import { describe, expect, it } from "vitest"
import { last, stillServer } from "../tokens.js"

const origin = "http://localhost:5173"

const preflight = {
  method: "OPTIONS",
  headers: {
    origin,
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type",
  },
}

describe("CORS", () => {
  it("allows any origin by default, in every response", async () => {
    await using server = stillServer()
    const asked = await server.fetch(`${server.url}/oauth/token`, preflight)
    expect(asked.status).toBe(204)
    expect(asked.headers.get("access-control-allow-origin")).toBe("*")
    expect(asked.headers.get("access-control-allow-methods")).toBe("POST")
    expect(asked.headers.get("access-control-allow-headers")).toBe("authorization,content-type")
    expect(last(server).decision).toBe("served")
    const refused = await server.fetch(`${server.url}/oauth/token`, { method: "POST", headers: { origin } })
    expect(refused.headers.get("access-control-allow-origin")).toBe("*")
    expect(refused.headers.get("access-control-expose-headers")).toContain("Retry-After")
    expect(refused.headers.has("access-control-allow-credentials")).toBe(false)
  })

  it("allows the listed origins", async () => {
    await using server = stillServer({ cors: [origin] })
    const asked = await server.fetch(`${server.url}/account`, preflight)
    expect(asked.headers.get("access-control-allow-origin")).toBe(origin)
    expect(asked.headers.get("vary")).toBe("Origin")
    const other = await server.fetch(`${server.url}/account`, {
      ...preflight,
      headers: { origin: "http://other" },
    })
    expect(other.headers.has("access-control-allow-origin")).toBe(false)
    expect(other.headers.has("access-control-allow-methods")).toBe(false)
    expect(other.headers.get("vary")).toBe("Origin")
  })

  it("allows no origin with cors: none", async () => {
    await using server = stillServer({ cors: "none" })
    const { headers } = await server.fetch(`${server.url}/oauth/token`, preflight)
    expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([])
  })
})
