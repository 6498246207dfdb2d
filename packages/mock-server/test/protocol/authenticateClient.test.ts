import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { last, login, post, stillServer } from "../tokens.js"

const encode = (text: string) => new URLSearchParams({ x: text }).toString().slice(2)
const base64 = (text: string) => Buffer.from(text).toString("base64")
const basic = (id: string, secret: string) => ({
  authorization: `Basic ${base64(`${encode(id)}:${encode(secret)}`)}`,
})
const rawBasic = (id: string, secret: string) => ({ authorization: `Basic ${base64(`${id}:${secret}`)}` })

const odd = {
  clientId: "id:with %+&=£€",
  clientSecret: "s:e%c+r&e=t £€/?",
  redirectUris: ["http://localhost/cb"],
}

/** Tests only client authentication: after that, the unknown code is refused. */
const attempt = async (
  server: ReturnType<typeof stillServer>,
  parameters: Record<string, string>,
  headers: Record<string, string> = {},
) => {
  const { status, body } = await post(
    server,
    { grant_type: "authorization_code", authorization_code: "unknown", ...parameters },
    headers,
  )
  return body.error === "invalid_grant" ? "authenticated" : `${status} ${body.error}`
}

describe("client authentication", () => {
  it("takes the secret in the body or in a Basic header", async () => {
    await using server = stillServer()
    expect(await attempt(server, { client_id: "demo-app", client_secret: "demo-secret" })).toBe(
      "authenticated",
    )
    expect(last(server).clientAuthentication).toBe("body")
    expect(await attempt(server, {}, basic("demo-app", "demo-secret"))).toBe("authenticated")
    expect(last(server)).toMatchObject({ clientAuthentication: "basic", clientId: "demo-app" })
    expect(await attempt(server, { client_id: "demo-app" }, basic("demo-app", "demo-secret"))).toBe(
      "authenticated",
    )
  })

  it("refuses both at once, and two names for the client", async () => {
    await using server = stillServer()
    expect(await attempt(server, { client_secret: "demo-secret" }, basic("demo-app", "demo-secret"))).toBe(
      "400 invalid_request",
    )
    expect(last(server)).toMatchObject({ clientAuthentication: "body and basic", field: "client_secret" })
    expect(await attempt(server, { client_id: "demo-spa" }, basic("demo-app", "demo-secret"))).toBe(
      "400 invalid_request",
    )
  })

  it.each([
    ["no client", {}, "400 invalid_request", "client_id"],
    ["an unknown client", { client_id: "nobody", client_secret: "x" }, "401 invalid_client", "client_id"],
    ["no secret", { client_id: "demo-app" }, "401 invalid_client", "client_secret"],
    ["an empty secret", { client_id: "demo-app", client_secret: "" }, "401 invalid_client", "client_secret"],
    [
      "a wrong secret",
      { client_id: "demo-app", client_secret: "wrong" },
      "401 invalid_client",
      "client_secret",
    ],
    [
      "a public client with a secret",
      { client_id: "demo-spa", client_secret: "x" },
      "401 invalid_client",
      "client_secret",
    ],
    ["a long id", { client_id: "a".repeat(51) }, "400 invalid_request", "client_id"],
    [
      "a long secret",
      { client_id: "demo-app", client_secret: "a".repeat(101) },
      "400 invalid_request",
      "client_secret",
    ],
  ])("refuses %s", async (_, parameters, outcome, field) => {
    await using server = stillServer()
    expect(await attempt(server, parameters)).toBe(outcome)
    expect(last(server)).toMatchObject({ decision: "refused", field })
  })

  it("sends a challenge with every 401 and never shows a secret", async () => {
    await using server = stillServer()
    const { headers } = await post(server, {
      client_id: "demo-app",
      client_secret: "wrong-canary",
      grant_type: "refresh_token",
    })
    expect(headers.get("www-authenticate")).toBe('Basic realm="ellipsis-drive-mock", charset="UTF-8"')
    const { parameters: _, ...facts } = last(server)
    expect(JSON.stringify(facts)).not.toMatch(/wrong-canary|demo-secret/)
  })

  it.each([
    ["no scheme", "demo"],
    ["another scheme", "Bearer abc"],
    ["no base64", "Basic ***"],
    ["no colon", `Basic ${base64("demo-app")}`],
    ["no UTF-8", `Basic ${Buffer.from([0xff, 0x3a, 0xff]).toString("base64")}`],
    ["two headers in one", `Basic ${base64("a:b")}, Basic ${base64("c:d")}`],
  ])("refuses an Authorization header with %s", async (_, authorization) => {
    await using server = stillServer()
    expect(await attempt(server, { client_id: "demo-app" }, { authorization })).toBe("401 invalid_client")
    expect(last(server).field).toBe("Authorization")
  })

  it("reads the scheme in any case", async () => {
    await using server = stillServer()
    expect(await attempt(server, {}, { authorization: `bAsIc ${base64("demo-app:demo-secret")}` })).toBe(
      "authenticated",
    )
  })

  it("decodes a Basic header as RFC 6749 section 2.3.1 says", async () => {
    await using server = stillServer({ clients: [odd] })
    expect(await attempt(server, {}, basic(odd.clientId, odd.clientSecret))).toBe("authenticated")
    expect(await attempt(server, {}, rawBasic(odd.clientId, odd.clientSecret))).toBe("401 invalid_client")
  })

  it("reports when only the encoding is wrong", async () => {
    const clients = [{ clientId: "app", clientSecret: "a+b", redirectUris: ["http://localhost/cb"] }]
    await using server = stillServer({ clients })
    await attempt(server, {}, rawBasic("app", "a+b"))
    expect(last(server).reason).toContain("is correct but not form-encoded")
    await attempt(server, { client_id: "app", client_secret: "a%2Bb" })
    expect(last(server).reason).toContain("was form-encoded twice")
  })

  it("does not decode a Basic header with basicDecoding: raw", async () => {
    const clients = [{ ...odd, clientId: "id with %+&=" }]
    await using server = stillServer({ clients, basicDecoding: "raw" })
    expect(await attempt(server, {}, rawBasic("id with %+&=", odd.clientSecret))).toBe("authenticated")
    expect(await attempt(server, {}, basic("id with %+&=", odd.clientSecret))).toBe("401 invalid_client")
  })

  it("accepts every valid id and secret", async () => {
    const text = (maxLength: number) =>
      fc.string({ unit: "grapheme", minLength: 1, maxLength }).filter((value) => value.length <= maxLength)
    await fc.assert(
      fc.asyncProperty(text(50), text(100), async (clientId, clientSecret) => {
        await using server = stillServer({ clients: [{ ...odd, clientId, clientSecret }] })
        expect(await attempt(server, {}, basic(clientId, clientSecret))).toBe("authenticated")
        expect(await attempt(server, { client_id: clientId, client_secret: clientSecret })).toBe(
          "authenticated",
        )
      }),
      { numRuns: 50 },
    )
  })

  it("allows public clients, or refuses them with publicClients: refuse", async () => {
    await using server = stillServer()
    expect(await attempt(server, { client_id: "demo-spa" })).toBe("authenticated")
    expect(last(server).clientAuthentication).toBe("none")
    expect(await attempt(server, {}, basic("demo-spa", ""))).toBe("authenticated")
    await using strict = stillServer({ publicClients: "refuse" })
    expect(await attempt(strict, { client_id: "demo-spa" })).toBe("401 invalid_client")
    await expect(login(strict)).resolves.toBeDefined()
  })
})
