import { describe, expect, it } from "vitest"
import { s256 } from "../../src/protocol/Pkce.js"
import { account, app, exchange, last, login, post, redirectUri, stillServer } from "../tokens.js"

const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
const other = "a".repeat(43)

describe("the authorization code grant", () => {
  it("needs the code, under the name that the server uses", async () => {
    await using server = stillServer()
    const { code } = server.authorize({ clientId: "demo-app" })
    const { status, body } = await post(server, { grant_type: "authorization_code", code, ...app })
    expect([status, body.error]).toEqual([400, "invalid_request"])
    expect(last(server)).toMatchObject({
      field: "authorization_code",
      reason: "The code was sent as code, but this server calls it authorization_code.",
    })

    await using standard = stillServer({ codeParameter: "code" })
    const issued = standard.authorize({ clientId: "demo-app" }).code
    expect((await exchange(standard, issued)).body.error).toBe("invalid_request")
    expect((await post(standard, { grant_type: "authorization_code", code: issued, ...app })).status).toBe(
      200,
    )
  })

  it("accepts a code that is less than a minute old", async () => {
    await using server = stillServer()
    const [first, second] = [
      server.authorize({ clientId: "demo-app" }),
      server.authorize({ clientId: "demo-app" }),
    ]
    server.clock.advance(59_999)
    expect((await exchange(server, first.code)).status).toBe(200)
    server.clock.advance(1)
    const { status, body } = await exchange(server, second.code)
    expect([status, body.error]).toEqual([400, "invalid_grant"])
    expect(last(server).reason).toBe("The code is 1 minute old; codes are valid for 1 minute.")
  })

  it("accepts a code once, and revokes its tokens if it is sent again", async () => {
    await using server = stillServer()
    const { code } = server.authorize({ clientId: "demo-app" })
    const tokens = (await exchange(server, code)).body
    server.clock.advance("5 seconds")
    expect((await exchange(server, code)).body.error).toBe("invalid_grant")
    expect(last(server).reason).toBe(
      "The code was used before: 5 seconds ago, by request 2. The tokens that were issued for it are now revoked (RFC 6749 section 4.1.2).",
    )
    expect((await account(server, tokens.access_token ?? "")).status).toBe(401)
    expect(last(server).reason).toContain("its authorization code was used again")
  })

  it("does not revoke the tokens with codeReuse: reject", async () => {
    await using server = stillServer({ codeReuse: "reject" })
    const { code } = server.authorize({ clientId: "demo-app" })
    const tokens = (await exchange(server, code)).body
    expect((await exchange(server, code)).body.error).toBe("invalid_grant")
    expect((await account(server, tokens.access_token ?? "")).status).toBe(200)
  })

  it("refuses an unknown code, and a code of another client, which stays valid for that client", async () => {
    await using server = stillServer()
    expect((await exchange(server, crypto.randomUUID())).body.error).toBe("invalid_grant")
    const { code } = server.authorize({ clientId: "demo-spa" })
    expect((await exchange(server, code)).body.error).toBe("invalid_grant")
    expect(last(server)).toMatchObject({ expected: "demo-spa", got: "demo-app" })
    const owner = await post(server, {
      grant_type: "authorization_code",
      authorization_code: code,
      client_id: "demo-spa",
    })
    expect(owner.status).toBe(200)
  })

  it.each([
    ["given before, given now", redirectUri, redirectUri, undefined],
    ["given before, missing now", redirectUri, undefined, "invalid_request"],
    ["given before, another now", redirectUri, `${redirectUri}/`, "invalid_grant"],
    ["not given before, missing now", undefined, undefined, undefined],
    ["not given before, given now", undefined, redirectUri, "invalid_grant"],
  ])("compares redirect_uri: %s", async (_, before, now, error) => {
    await using server = stillServer()
    const { code } = server.authorize({ clientId: "demo-app", ...(before && { redirectUri: before }) })
    const { body } = await exchange(server, code, now === undefined ? {} : { redirect_uri: now })
    expect(body.error).toBe(error)
    if (error !== undefined) expect(last(server).field).toBe("redirect_uri")
  })

  it.each([
    ["S256, right verifier", "S256", s256(verifier), verifier, undefined],
    ["S256, wrong verifier", "S256", s256(verifier), other, "invalid_grant"],
    ["S256, challenge as verifier", "S256", s256(verifier), s256(verifier), "invalid_grant"],
    ["S256, no verifier", "S256", s256(verifier), undefined, "invalid_request"],
    ["S256, short verifier", "S256", s256(verifier), "short", "invalid_request"],
    ["plain, right verifier", "plain", verifier, verifier, undefined],
    ["plain, wrong verifier", "plain", verifier, other, "invalid_grant"],
    ["no method means plain", undefined, verifier, verifier, undefined],
    ["no method is not S256", undefined, s256(verifier), verifier, "invalid_grant"],
    ["no challenge, no verifier", undefined, undefined, undefined, undefined],
    ["no challenge, but a verifier", undefined, undefined, verifier, "invalid_grant"],
  ] as const)(
    "binds the code to PKCE: %s",
    async (_, codeChallengeMethod, codeChallenge, codeVerifier, error) => {
      await using server = stillServer()
      const { code } = server.authorize({
        clientId: "demo-app",
        ...(codeChallenge && { codeChallenge }),
        ...(codeChallengeMethod && { codeChallengeMethod }),
      })
      const { body } = await exchange(
        server,
        code,
        codeVerifier === undefined ? {} : { code_verifier: codeVerifier },
      )
      expect(body.error).toBe(error)
      if (error !== undefined) expect(last(server).field).toBe("code_verifier")
    },
  )

  it("reports when a challenge was made for another method", async () => {
    await using server = stillServer()
    const { code } = server.authorize({ clientId: "demo-app", codeChallenge: s256(verifier) })
    await exchange(server, code, { code_verifier: verifier })
    expect(last(server).reason).toContain(
      "matches the challenge with method S256, but the authorization request had method plain",
    )
  })

  it("keeps the code valid after a refusal: only a success uses it up", async () => {
    await using server = stillServer()
    const { code } = server.authorize({ clientId: "demo-app", codeChallenge: verifier })
    await exchange(server, code, { code_verifier: other })
    expect((await exchange(server, code, { code_verifier: verifier })).status).toBe(200)
  })

  it("starts a new family with each code", async () => {
    await using server = stillServer()
    await login(server)
    await login(server)
    expect(new Set(server.families.map(({ id }) => id)).size).toBe(2)
  })
})
