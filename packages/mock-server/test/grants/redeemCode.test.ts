import { describe, expect, it } from "vitest"
import type { AuthorizeOptions } from "../../src/index.js"
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

describe("a refused exchange", () => {
  const invalidGrant = {
    error: "invalid_grant",
    error_description:
      "The authorization code is invalid, expired, used before or was issued to another client or request.",
  }
  const missing = { error: "invalid_request", error_description: "A required parameter is missing." }
  const malformed = { error: "invalid_request", error_description: "The request is malformed." }
  const long = `https://evil.example/${"e".repeat(180)}`
  const challenge = { codeChallenge: s256(verifier), codeChallengeMethod: "S256" } as const

  it.each<[string, Partial<AuthorizeOptions>, Record<string, string>, object, object]>([
    [
      "redirect_uri is missing",
      { redirectUri },
      {},
      missing,
      {
        reason: "redirect_uri is missing, and the authorization request had one.",
        field: "redirect_uri",
        expected: "a value",
        got: "nothing",
      },
    ],
    [
      "redirect_uri differs",
      { redirectUri },
      { redirect_uri: long },
      invalidGrant,
      {
        reason: "redirect_uri differs from the one of the authorization request.",
        field: "redirect_uri",
        expected: redirectUri,
        got: long.slice(0, 200),
      },
    ],
    [
      "redirect_uri is sent for the first time",
      {},
      { redirect_uri: long },
      invalidGrant,
      {
        reason: "redirect_uri was sent, but the authorization request had none.",
        field: "redirect_uri",
        expected: "nothing",
        got: long.slice(0, 200),
      },
    ],
    [
      "there is a verifier without a challenge",
      {},
      { code_verifier: verifier },
      invalidGrant,
      {
        reason: "code_verifier was sent, but the authorization request had no code_challenge.",
        field: "code_verifier",
        expected: "nothing",
        got: "a verifier",
      },
    ],
    [
      "the verifier is missing",
      challenge,
      {},
      missing,
      {
        reason: "code_verifier is missing, and the authorization request had a code_challenge.",
        field: "code_verifier",
        expected: "a value",
        got: "nothing",
      },
    ],
    [
      "the verifier is malformed",
      challenge,
      { code_verifier: "a".repeat(129) },
      malformed,
      {
        reason: "code_verifier is not 43 to 128 unreserved characters (RFC 7636 section 4.1).",
        field: "code_verifier",
        expected: "43 to 128 characters of A-Z a-z 0-9 - . _ ~",
        got: "129 characters",
      },
    ],
    [
      "the verifier is another one, with S256",
      challenge,
      { code_verifier: other },
      invalidGrant,
      {
        reason: "code_verifier does not match the code_challenge of the authorization request.",
        field: "code_verifier",
        expected: "the verifier of the S256 challenge",
        got: "another one",
      },
    ],
    [
      "the verifier is another one, with plain",
      { codeChallenge: verifier },
      { code_verifier: other },
      invalidGrant,
      {
        reason: "code_verifier does not match the code_challenge of the authorization request.",
        field: "code_verifier",
        expected: "the verifier of the plain challenge",
        got: "another one",
      },
    ],
    [
      "the challenge was made for S256",
      { codeChallenge: s256(verifier) },
      { code_verifier: verifier },
      invalidGrant,
      {
        reason:
          "code_verifier matches the challenge with method S256, but the authorization request had method plain (a missing method means plain).",
        expected: "the verifier of the plain challenge",
      },
    ],
    [
      "the challenge was made for plain",
      { codeChallenge: other, codeChallengeMethod: "S256" },
      { code_verifier: other },
      invalidGrant,
      {
        reason:
          "code_verifier matches the challenge with method plain, but the authorization request had method S256 (a missing method means plain).",
        expected: "the verifier of the S256 challenge",
      },
    ],
  ])("says in the log that %s", async (_, options, parameters, body, entry) => {
    await using server = stillServer()
    const { code } = server.authorize({ clientId: "demo-app", ...options })
    const reply = await exchange(server, code, parameters)
    expect([reply.status, reply.body]).toEqual([400, body])
    expect(last(server)).toMatchObject({ decision: "refused", clientId: "demo-app", ...entry })
  })

  it.each([
    ["authorization_code", {}, "There is no authorization_code."],
    [
      "authorization_code",
      { code: "x" },
      "The code was sent as code, but this server calls it authorization_code.",
    ],
    ["code", {}, "There is no code."],
    [
      "code",
      { authorization_code: "x" },
      "The code was sent as authorization_code, but this server calls it code.",
    ],
  ] as const)("says in the log that there is no %s in %j", async (codeParameter, parameters, reason) => {
    await using server = stillServer({ codeParameter })
    const { body } = await post(server, { grant_type: "authorization_code", ...parameters, ...app })
    expect(body).toEqual(missing)
    expect(last(server)).toMatchObject({ reason, field: codeParameter, expected: "a value", got: "nothing" })
  })

  it("says in the log what is wrong with the code, and never to the client", async () => {
    await using server = stillServer({ codeReuse: "reject" })
    const [used, old, foreign] = [
      server.authorize({ clientId: "demo-app" }).code,
      server.authorize({ clientId: "demo-app" }).code,
      server.authorize({ clientId: "demo-spa" }).code,
    ]
    const refusal = async (code: string) => {
      expect((await exchange(server, code)).body).toEqual(invalidGrant)
      const { reason, field, expected, got } = last(server)
      expect(field).toBe("authorization_code")
      return { reason, expected, got }
    }
    expect(await refusal("x".repeat(12))).toEqual({
      reason: "This code was never issued here, or so long ago that it was deleted.",
      expected: undefined,
      got: "12 characters",
    })
    expect(await refusal(foreign)).toEqual({
      reason: "The code was issued to another client.",
      expected: "demo-spa",
      got: "demo-app",
    })
    await exchange(server, used)
    server.clock.advance("1 minute")
    expect(await refusal(used)).toEqual({
      reason: "The code was used before: 1 minute ago, by request 6.",
      expected: "a code that was never used",
      got: "a used one",
    })
    server.clock.advance("1 second")
    expect(await refusal(old)).toEqual({
      reason: "The code is 1 minute 1 second old; codes are valid for 1 minute.",
      expected: "less than 1 minute old",
      got: "1 minute 1 second old",
    })
  })
})
