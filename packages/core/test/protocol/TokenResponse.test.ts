import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  ellipsisDrive,
  type Grant,
  type HttpResponse,
  isTokenError,
  parseTokenResponse,
  restoreToken,
  serializeToken,
  type Token,
  type TokenRequestError,
  type TokenResponseContext,
} from "../../src/index.js"
import { client, codeGrant, context, failed, refreshGrant, reply, succeeded } from "../fixtures.js"

const parse = (response: HttpResponse, overrides: Partial<TokenResponseContext> = {}): Token =>
  succeeded(parseTokenResponse(response, context(overrides)))
const refusal = (response: HttpResponse, overrides: Partial<TokenResponseContext> = {}) =>
  failed(parseTokenResponse(response, context(overrides))) as TokenRequestError

const good = { access_token: "new-access", token_type: "Bearer", expires_in: 3600 }
const html = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"

describe("a token", () => {
  test("with everything", () => {
    const token = parse(
      reply(200, { ...good, refresh_token: "new-refresh", scope: "projects maps", user: { id: 7 } }),
    )
    expect(token.accessToken).toBe("new-access")
    expect(token.refreshToken).toBe("new-refresh")
    expect(token.tokenType).toBe("Bearer")
    expect(token.scope).toEqual(["projects", "maps"])
    expect(token.extra).toEqual({ user: { id: 7 } })
    expect(token.issuedAt).toBe(1_000_000)
    expect(token.expiresAt).toBe(1_000_000 + 3_600_000)
  })

  test.each([
    ["token_type is missing", { token_type: undefined }],
    ["token_type is null", { token_type: null }],
    ["token_type is in lower case", { token_type: "bearer" }],
  ])("%s: Bearer is assumed", (_, members) => {
    expect(parse(reply(200, { ...good, ...members })).tokenType).toBe("Bearer")
  })

  test.each([
    ["a number", 3600, 4_600_000],
    ["a numeric string", "3600", 4_600_000],
    ["a fraction", 1.5, 1_001_500],
    ["a string with spaces and a fraction", " 1.5\n", 1_001_500],
    ["a string with a long fraction", "1.500000", 1_001_500],
    ["a millisecond", 0.001, 1_000_001],
    ["less than a millisecond", 0.0009, undefined],
    ["ten years", 315_360_000, 1_000_000 + 315_360_000_000],
    ["more than ten years", 315_360_001, undefined],
    ["ten years as a string", "315360000", 1_000_000 + 315_360_000_000],
    ["missing", undefined, undefined],
    ["null", null, undefined],
  ])("expires_in is %s", (_, expires_in, expiresAt) => {
    expect(parse(reply(200, { ...good, expires_in })).expiresAt).toBe(expiresAt)
  })

  // Refusing it would lose the rotated refresh token beside it.
  test.each([
    0,
    -1,
    -0,
    "",
    " ",
    "soon",
    "NaN",
    "-5",
    "0",
    "1e3",
    "3600s",
    "3600 seconds",
    "2026-01-01T00:00:00Z",
    1_800_000_000_000,
    1e-9,
    true,
    [],
    [3600],
    {},
  ])("expires_in %o is nonsense: the token is used, and its lifetime is unknown", (expires_in) => {
    const token = parse(reply(200, { ...good, expires_in, refresh_token: "rotated" }))
    expect(token).toMatchObject({ accessToken: "new-access", refreshToken: "rotated", expiresAt: undefined })
  })

  test.each([undefined, null, "", 7, {}, " ", "line\nbreak", "ключ"])(
    "access_token %o is malformed",
    (access_token) => {
      expect(refusal(reply(200, { ...good, access_token }))).toMatchObject({
        _tag: "InvalidTokenResponse",
        problem: expect.stringContaining('"access_token"'),
        action: "fix",
      })
    },
  )

  test.each([
    { token_type: "mac" },
    { token_type: 7 },
    { token_type: {} },
    { scope: { a: 1 } },
    { scope: 7 },
    { error: "0" },
    { error: "" },
    { error: 0 },
    { error: false },
    { error: "none" },
    { error: {} },
    { message: "ok" },
  ])("%o beside a token does not cost the rotated refresh token", (members) => {
    const token = parse(reply(200, { ...good, refresh_token: "rotated", ...members }))
    expect(token).toMatchObject({ accessToken: "new-access", refreshToken: "rotated", tokenType: "Bearer" })
  })

  test.each([7, {}, [], true])("refresh_token %o is none: the one that was sent is kept", (refresh_token) => {
    expect(parse(reply(200, { ...good, refresh_token })).refreshToken).toBe("the-old-refresh-token")
  })

  test("members that cannot be stored are left out, and the others are kept", () => {
    const deep = `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`
    const lists = `${"[".repeat(5000)}1${"]".repeat(5000)}`
    const body = `{"access_token":"a","refresh_token":"b","deep":${deep},"lists":${lists},"plan":"pro","long":"${"x".repeat(100_000)}"}`
    const token = parse(reply(200, body))
    expect(token).toMatchObject({ accessToken: "a", refreshToken: "b" })
    expect(token.extra).toMatchObject({ plan: "pro" })
    expect(token.extra).not.toHaveProperty("long")
    expect(restoreToken(serializeToken(token)).refreshToken).toBe("b")
  })

  // Of a member count its name and its value as JSON.
  test.each([
    ["of 32 KiB is kept", 32_768, ["plan"]],
    ["of one character more is not", 32_769, []],
  ])("a further member %s", (_, size, kept) => {
    const plan = "x".repeat(size - 'plan""'.length)
    expect(Object.keys(parse(reply(200, { ...good, plan })).extra)).toEqual(kept)
  })

  test("further members share 32 KiB: a later one that does not fit is left out, and a shorter one stays", () => {
    const [a, b, c] = ["x".repeat(20_000), "y".repeat(20_000), "z"]
    expect(Object.keys(parse(reply(200, { ...good, a, b, c })).extra)).toEqual(["a", "c"])
  })

  test("what a malformed access token is, but not the token, is in the error", () => {
    const error = refusal(reply(200, { ...good, access_token: "line\nbreak" }))
    expect(error.message).toMatch(
      /"access_token" is a string.*, expected a string of printable ASCII without spaces/,
    )
    expect(error.message).not.toContain("break")
  })

  test("without a content type, or with a wrong one and a byte order mark", () => {
    expect(parse(reply(200, good)).accessToken).toBe("new-access")
    const marked = reply(200, `\ufeff${JSON.stringify(good)}`, { "content-type": "text/html" })
    expect(parse(marked).accessToken).toBe("new-access")
  })

  test("hostile member names stay data", () => {
    const body = '{"access_token":"a","__proto__":{"polluted":1},"constructor":1,"toString":2}'
    const { extra } = parse(reply(200, body))
    expect(Object.getPrototypeOf(extra)).toBe(Object.prototype)
    expect(Object.getOwnPropertyDescriptor(extra, "__proto__")?.value).toEqual({ polluted: 1 })
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined()
  })
})

describe("the merge rule", () => {
  const previous = parse(
    reply(200, { ...good, refresh_token: "the-old-refresh-token", scope: "maps", plan: "pro" }),
  )

  test.each([undefined, null, ""])(
    "a refresh response with refresh_token %o keeps the old one",
    (refresh_token) => {
      expect(parse(reply(200, { ...good, refresh_token })).refreshToken).toBe("the-old-refresh-token")
    },
  )

  test("a new refresh token replaces the old one", () => {
    expect(parse(reply(200, { ...good, refresh_token: "new" }), { previous }).refreshToken).toBe("new")
  })

  test("scope and extra members that are left out stay", () => {
    const token = parse(reply(200, good), { previous })
    expect(token.scope).toEqual(["maps"])
    expect(token.extra).toEqual({ plan: "pro" })
    const changed = parse(reply(200, { ...good, scope: "projects", plan: "free" }), { previous })
    expect(changed.scope).toEqual(["projects"])
    expect(changed.extra).toEqual({ plan: "free" })
  })

  test("a code response without a scope grants what was asked for, or else the server's default", () => {
    const asked = { ...codeGrant, scope: ["maps"] } as Grant
    expect(parse(reply(200, good), { grant: asked }).scope).toEqual(["maps"])
    expect(parse(reply(200, good), { grant: codeGrant }).scope).toEqual(["projects"])
    expect(parse(reply(200, { ...good, scope: ["a", "b"] }), { grant: asked }).scope).toEqual(["a", "b"])
    expect(parse(reply(200, { ...good, scope: " a  b " }), { grant: asked }).scope).toEqual(["a", "b"])
    expect(parse(reply(200, { ...good, scope: ["", 7] }), { grant: asked }).scope).toEqual(["maps"])
  })

  test("a code response without a refresh token has none", () => {
    expect(parse(reply(200, good), { grant: codeGrant }).refreshToken).toBeUndefined()
  })

  test("never loses a refresh token", () => {
    const members = fc.record(
      {
        refresh_token: fc.option(fc.string()),
        scope: fc.jsonValue(),
        expires_in: fc.constant(1),
        other: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(members, fc.string({ minLength: 1 }), (reply_, refreshToken) => {
        const grant: Grant = { grantType: "refresh_token", refreshToken }
        const token = parse(reply(200, { access_token: "a", ...reply_ }), { grant })
        expect(token.refreshToken).toBe(reply_.refresh_token || refreshToken)
      }),
    )
  })
})

describe("an OAuth error", () => {
  test("200 with an error is an error", () => {
    expect(refusal(reply(200, { error: "invalid_grant", error_description: "expired" }))).toMatchObject({
      _tag: "TokenErrorResponse",
      error: "invalid_grant",
      errorDescription: "expired",
      status: 200,
      inferred: false,
      action: "login",
    })
    expect(refusal(reply(200, { ...good, error: "invalid_grant" }))._tag).toBe("TokenErrorResponse")
    // Words sign nobody out but with a status that the standard gives them.
    expect(refusal(reply(200, { message: "Invalid refresh token" }))).toMatchObject({
      error: "invalid_request",
    })
    expect(parse(reply(200, { ...good, error: null, message: "ok" })).accessToken).toBe("new-access")
  })

  test("401 with a challenge keeps code, description, status and challenge", () => {
    const headers = { "www-authenticate": 'Basic realm="Ellipsis Drive"' }
    const body = {
      error: "invalid_client",
      error_description: "unknown client",
      error_uri: "https://docs.example/x",
    }
    const error = refusal(reply(401, body, headers))
    expect(error).toMatchObject({
      _tag: "TokenErrorResponse",
      error: "invalid_client",
      errorDescription: "unknown client",
      errorUri: "https://docs.example/x",
      status: 401,
      challenge: 'Basic realm="Ellipsis Drive"',
      action: "fix",
    })
    expect(error.message).toBe(
      'The token endpoint refused the request with "invalid_client" (HTTP 401): unknown client. Check the client\'s registration and options.',
    )
  })

  // The provider's own shapes: {"message"} and plain text.
  test.each([
    ["Invalid refresh token", 400, "invalid_grant"],
    ["Invalid or expired refresh token", 401, "invalid_grant"],
    ["The refresh token has expired.", 400, "invalid_grant"],
    ["Refresh token was revoked", 400, "invalid_grant"],
    ["refresh token not found", 400, "invalid_grant"],
    ["Unknown refresh_token", 400, "invalid_grant"],
    ["refresh_token does not exist", 401, "invalid_grant"],
    ["Authorization code already used", 400, "invalid_grant", codeGrant],
    ["The code verifier is incorrect", 400, "invalid_grant", codeGrant],
    ["redirect_uri does not match", 400, "invalid_grant", codeGrant],
    ["The authorization code was issued to another client or has expired", 400, "invalid_grant", codeGrant],
    [
      "The provided authorization grant is invalid, expired, revoked or was issued to another client.",
      400,
      "invalid_grant",
    ],
    ["Invalid code", 400, "invalid_grant", codeGrant],
    ["Code has expired", 400, "invalid_grant", codeGrant],
    ["Invalid code", 400, "invalid_request"],
    ["Invalid client credentials", 400, "invalid_client"],
    ["Unknown client_id", 400, "invalid_client"],
    ["invalid client_secret", 401, "invalid_client"],
    ["client_id is required", 400, "invalid_request"],
    ["refresh_token is missing", 400, "invalid_request"],
    ["authorization_code is a required parameter, invalid request", 400, "invalid_request"],
    ["Unsupported grant_type", 400, "unsupported_grant_type"],
    ["grant_type is required", 400, "invalid_request"],
    ["Invalid scope", 400, "invalid_scope"],
    ["error: invalid_grant (see docs)", 400, "invalid_grant"],
    ["Nope", 400, "invalid_request"],
    ["Nope", 401, "invalid_client"],
  ] as readonly [string, number, string, Grant?][])(
    "%o with status %i means %s",
    (message, status, error, grant = refreshGrant) => {
      const expected = {
        _tag: "TokenErrorResponse",
        error,
        errorDescription: message,
        status,
        inferred: true,
      }
      expect(refusal(reply(status, { message }), { grant })).toMatchObject(expected)
      expect(refusal(reply(status, message), { grant })).toMatchObject(expected)
      expect(refusal(reply(status, { error: message }), { grant })).toMatchObject(expected)
    },
  )

  // A server that says this has not looked at the grant: a router, a parser, a gateway, a proxy, a validator.
  test.each([
    [404, { message: "Route POST:/v3/oauth/token not found", error: "Not Found", statusCode: 404 }],
    [404, "Cannot POST /v3/oauth/token"],
    [404, { message: "Invalid refresh token" }],
    [403, "Invalid csrf token"],
    [403, { message: "The refresh token is invalid" }],
    [403, { message: "Forbidden: invalid token" }],
    [405, { message: "Method not allowed for refresh token" }],
    [413, "refresh_token invalid: request entity too large"],
    [415, { message: "Unsupported content type, invalid refresh token" }],
    [419, { message: "CSRF token mismatch." }],
    [422, { message: "refresh token is invalid" }],
    [400, "Unexpected token g in JSON at position 0"],
    [400, `Unexpected token 'r', "refresh_token=a" is not valid JSON`],
    [400, { message: "body/refresh_token must NOT have more than 10 characters: invalid" }],
    [400, { message: '"refresh_token" is not allowed' }],
    [400, { message: "Invalid parameter: refresh_token" }],
    [400, { message: "Invalid token" }],
    [400, { message: "Token has expired" }],
    [400, { message: "Invalid code" }],
    [400, { message: "Your session has expired, the access token is invalid" }],
    [401, { message: "The incoming token has expired" }],
    [401, { message: "Unauthorized: token expired" }],
    [401, "Access denied: unknown gateway token"],
    [401, { message: "Invalid API key, cannot read the refresh token header" }],
    [400, { error: "Bad Request", message: "Invalid refresh_token field format" }],
    [400, { message: "invalid_grant_type" }],
    [404, { message: "invalid_grant" }],
  ] as const)("%i %o signs nobody out", (status, body) => {
    const error = refusal(reply(status, body))
    expect(error).not.toMatchObject({ error: "invalid_grant" })
    expect(error.action).not.toBe("login")
  })

  test.each([400, 401, 403, 404, 422])("%i with invalid_grant as the code does", (status) => {
    expect(refusal(reply(status, { error: "invalid_grant" }))).toMatchObject({ action: "login" })
  })

  // Words that say that the grant is bad, and what may be around them.
  const bads =
    "invalid incorrect wrong bad expired revoked unknown unrecognised unrecognized used mismatch mismatched blacklisted blocked deleted inactive disabled"
  const subjects = [
    "refresh token",
    "refresh-token",
    "refresh_token",
    "refreshtoken",
    "Refresh Token",
    "authorization grant",
    "authorisation-grant",
    "authorizationgrant",
  ]
  const codeSubjects = [
    "authorization code",
    "authorisation_code",
    "authorizationcode",
    "code verifier",
    "code-verifier",
    "code_verifier",
    "redirect uri",
    "redirect_uri",
    "redirecturi",
    "code",
  ]
  const fillers =
    "or and has have had is was been the a an this your given provided supplied already either token"
  const verbs = [
    ...["not", "no longer", "is not", "is no longer", "was not"].flatMap((not) =>
      ["valid", "found", "known", "recognised", "recognized", "active", "match", "matching", "accepted"].map(
        (word) => `${not} ${word}`,
      ),
    ),
    ...["does", "do", "did"].flatMap((verb) =>
      ["not exist", "n't exist", "not match", "n't match"].map((words) =>
        words.startsWith("n't") ? verb + words : `${verb} ${words}`,
      ),
    ),
    "not exist",
    "not exists",
    "no longer exists",
    "was issued to another client",
  ]
  const sentences = (subject: string) => [
    ...bads.split(" ").flatMap((bad) => [`${subject} ${bad}`, `${bad} ${subject}`]),
    ...fillers.split(" ").map((word) => `${subject} ${word} invalid`),
    ...verbs.map((words) => `${subject} ${words}`),
    `${subject} has been already the invalid`,
    `"${subject}" invalid`,
    `'${subject}' invalid`,
    `\`${subject}\`: invalid`,
    `${subject}: invalid`,
    `${subject.toUpperCase()} IS INVALID`,
    `no such ${subject}`,
    `not a valid ${subject}`,
    `invalid, expired or revoked and unknown ${subject}`,
    `invalid the given ${subject}`,
    `invalid "${subject}"`,
    `invalid '${subject}'`,
    `invalid \`${subject}`,
  ]
  const inferredFrom = (said: string, grant: Grant, status = 400) => {
    const error = refusal(reply(status, said), { grant })
    return "error" in error ? error.error : error._tag
  }
  const badGrants = [
    ...subjects.map((subject) => [subject, "refresh_token", refreshGrant] as const),
    ...codeSubjects.map((subject) => [subject, "authorization_code", codeGrant] as const),
  ]

  test.each(badGrants)("each complaint about the %s (%s) says that the grant is bad", (subject, _, grant) => {
    const others = sentences(subject).filter((said) => inferredFrom(said, grant) !== "invalid_grant")
    expect(others).toEqual([])
    const elsewhere = sentences(subject).filter((said) => inferredFrom(said, grant, 403) === "invalid_grant")
    expect(elsewhere).toEqual([])
  })

  test.each([
    "my_refresh token invalid",
    "refresh tokens invalid",
    "refresh token invalidated",
    "reinvalid refresh token",
    "refresh token is was been the a invalid",
    "invalid the given your refresh token",
    "refresh token, invalid",
    "refresh token is fine",
  ])("%o does not say that the grant is bad", (said) => {
    expect(inferredFrom(said, refreshGrant)).not.toBe("invalid_grant")
  })

  const aboutTheFormat =
    "json body parse parser parsing parameter parameters field fields missing required must should schema content header headers csrf xsrf route routes path paths url urls method methods gateway proxy character characters length format formatted encoded encoding position syntax status country post zip qr promo captcha undefined null type string allowed rate limit JSON unexpected unexpectedly"
  test.each([...aboutTheFormat.split(" "), "error code"])(
    "a complaint with the word %o is about the request's format, not about the grant",
    (word) => {
      expect(inferredFrom(`Invalid refresh token: ${word}`, refreshGrant)).not.toBe("invalid_grant")
      expect(inferredFrom(`Invalid refresh token: x${word}x`, refreshGrant)).toBe(
        word.startsWith("unexpected") ? "invalid_request" : "invalid_grant",
      )
    },
  )

  test.each([
    ..."missing required must should need needs needed provide expected no".split(" ").flatMap((word) => [
      [`grant_type ${word}`, "invalid_request"],
      [`${word.toUpperCase()} GRANT TYPE`, "invalid_request"],
      [`granttype x${word}`, "unsupported_grant_type"],
      [`grant type ${word}x`, "unsupported_grant_type"],
    ]),
    ["xgrant_type unknown", "invalid_request"],
    ["grant_types unknown", "invalid_request"],
  ] as [string, string][])("%o means %s", (said, error) => {
    expect(inferredFrom(said, refreshGrant)).toBe(error)
  })

  const refusals = [
    ..."invalid incorrect wrong bad expired revoked unknown used mismatch unauthorized denied failed".split(
      " ",
    ),
    ..."valid found known recognised recognized match matching".split(" ").map((word) => `not ${word}`),
    ...["does", "do", "did"].flatMap((verb) => [`${verb} not exist`, `${verb} not match`]),
    "no longer",
  ]
  test.each([
    ...refusals.flatMap((words) => [
      [`client ${words}`, "invalid_client"],
      [`SCOPE ${words.toUpperCase()}`, "invalid_scope"],
      [`client ${words}x`, "invalid_request"],
    ]),
    ...[
      "client",
      "secret",
      "credential",
      "credentials",
      "client id",
      "client_id",
      "client secret",
      "client_secret",
    ]
      .flatMap((subject) => [subject, subject.toUpperCase()])
      .map((subject) => [`wrong ${subject}`, "invalid_client"]),
    ...["misused", "unknowns", "xinvalid", "expiredly"].map((word) => [`client ${word}`, "invalid_request"]),
    ["wrong clients", "invalid_request"],
    ["wrong credentialed", "invalid_request"],
    ["wrong clientid", "invalid_request"],
    ["wrong scopes", "invalid_scope"],
    ["wrong telescope", "invalid_request"],
    ["wrong scoped", "invalid_request"],
    ["wrong client, or missing", "invalid_request"],
    ["wrong client: REQUIRED", "invalid_request"],
    ["wrong client, dismissing", "invalid_client"],
    ["wrong client, missingly", "invalid_client"],
    ["client", "invalid_request"],
    ["scope", "invalid_request"],
  ] as [string, string][])("of a request: %o means %s", (said, error) => {
    expect(inferredFrom(said, refreshGrant)).toBe(error)
  })

  const codes = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
  ]
  test.each(codes)(
    "the code %s is found in a text, and is kept whole if a secret is a part of it",
    (error) => {
      expect(inferredFrom(`error: ${error} (see docs)`, refreshGrant)).toBe(error)
      expect(inferredFrom(`error: x${error}x`, refreshGrant)).toBe("invalid_request")
      const [part = ""] = error.split("_")
      const on = { client: client({ clientSecret: part }) }
      expect(refusal(reply(400, { error, error_description: part }), on)).toMatchObject({
        error,
        inferred: false,
        errorDescription: "[redacted]",
      })
      expect(refusal(reply(400, { error: part }), on)).toMatchObject({ error: "[redacted]" })
      expect(refusal(reply(200, { ...good, error }))).toMatchObject({ error, status: 200 })
    },
  )

  test.each(["server_error", "temporarily_unavailable"])(
    "%s in a text says that the endpoint is down",
    (error) => {
      expect(inferredFrom(`error: ${error} (see docs)`, refreshGrant)).toBe("TokenEndpointUnavailable")
    },
  )

  test.each([
    ["ab", true],
    ["a1_b", true],
    ["a".repeat(100), true],
    ["a", false],
    ["a".repeat(101), false],
    ["Ab", false],
    ["1ab", false],
    ["_ab", false],
    ["ab!", false],
    ["ab c", false],
    ["a-b", false],
  ])("%o in `error` is a code: %s", (error, isCode) => {
    const body = { error, error_description: "said", error_uri: "https://as.example/e" }
    const found = refusal(reply(400, body))
    expect(found).toMatchObject({ inferred: !isCode, errorDescription: "said" })
    expect(found).toMatchObject(isCode ? { error, errorUri: body.error_uri } : { error: "invalid_request" })
    if (!isCode) expect(found).not.toHaveProperty("errorUri")
  })

  test.each([
    [{ error: "invalid_scope", error_description: "", message: "said" }, "said"],
    [{ error: "invalid_scope", error_description: "first", message: "second" }, "first"],
    [{ error: "invalid_scope", error_description: 7, message: "said" }, "said"],
    [{ error: "Bad Scope", message: "said" }, "said"],
    [{ error: "Bad scope" }, "Bad scope"],
    [" Bad scope \n", "Bad scope"],
  ])("%j is described as %o", (body, errorDescription) => {
    expect(refusal(reply(400, body))).toMatchObject({ error: expect.any(String), errorDescription })
  })

  test.each([
    ["of 1000 characters is an error message", 1000, "TokenErrorResponse"],
    ["of 1001 is not", 1001, "InvalidTokenResponse"],
  ])("a text %s", (_, size, tag) => {
    expect(refusal(reply(400, "wrong scope ".padEnd(size, "x")))._tag).toBe(tag)
  })

  test.each(["<p>wrong scope</p>", " <p>wrong scope</p>", "{wrong scope"])(
    "%o is no error message",
    (body) => {
      expect(refusal(reply(400, body))).toMatchObject({ _tag: "InvalidTokenResponse", status: 400 })
    },
  )

  test.each([
    [401, "", "invalid_client"],
    [401, " \n", "invalid_client"],
    [401, {}, "invalid_client"],
    [401, { error: 7 }, "invalid_client"],
    [401, { error: "" }, "invalid_client"],
    [400, " \n", undefined],
    [400, {}, undefined],
    [403, "", undefined],
  ])("%i with the body %j means %s", (status, body, error) => {
    const found = refusal(reply(status, body))
    if (error === undefined) expect(found._tag).toBe("InvalidTokenResponse")
    else {
      expect(found).toMatchObject({ error, inferred: true })
      expect(found).not.toHaveProperty("errorDescription")
      expect(found).not.toHaveProperty("errorUri")
    }
  })

  test("a 401 without a text is invalid_client", () => {
    expect(refusal(reply(401, "", { "www-authenticate": "Basic" }))).toMatchObject({
      error: "invalid_client",
      inferred: true,
      challenge: "Basic",
    })
    expect(refusal(reply(401, {}))).toMatchObject({ error: "invalid_client" })
  })

  test("secrets of the request that the server quotes are removed", () => {
    const secret = 'p@ss "w&rd£'
    const on = { client: client({ clientSecret: secret, clientAuthentication: "basic" }) }
    const basic = Buffer.from(`app:${new URLSearchParams([["", secret]]).toString().slice(1)}`).toString(
      "base64",
    )
    const quotes = [
      "the-old-refresh-token",
      secret,
      encodeURIComponent(secret),
      new URLSearchParams([["", secret]]).toString().slice(1),
      basic,
      JSON.stringify(secret),
    ]
    for (const quote of quotes) {
      const body = {
        error: "invalid_grant",
        error_description: `got ${quote}!`,
        error_uri: `https://x.example/${quote}`,
      }
      const error = refusal(reply(400, body, { "www-authenticate": `Basic error="${quote}"` }), on)
      expect(error).toMatchObject({ errorDescription: expect.stringMatching(/^got "?\[redacted\]"?!$/) })
      expect(JSON.stringify(error)).not.toContain(quote)
    }
  })

  test("so are the code and the verifier, short ones too", () => {
    const grant = { grantType: "authorization_code", code: "pl-7", codeVerifier: "-".repeat(43) } as const
    for (const quote of [grant.code, grant.codeVerifier]) {
      const error = refusal(reply(400, { error: "invalid_grant", error_description: `got ${quote}!` }), {
        grant,
      })
      expect(error).toMatchObject({ errorDescription: "got [redacted]!" })
    }
  })
})

describe("hints", () => {
  const hint = (response: HttpResponse, overrides: Partial<TokenResponseContext> = {}) => {
    const error = refusal(response, overrides)
    expect(error._tag).toBe("TokenErrorResponse")
    return "hint" in error ? error.hint : undefined
  }
  const invalidClient = reply(401, { error: "invalid_client" })

  test.each([
    ["basic", "basic-raw"],
    ["basic-raw", "basic"],
  ] as const)("%s with special characters points at %s", (clientAuthentication, other) => {
    const special = client({ clientSecret: "a+b%", clientAuthentication })
    expect(hint(invalidClient, { client: special })).toContain(`"${other}"`)
    const ordinary = client({ clientSecret: "ab", clientAuthentication })
    expect(hint(invalidClient, { client: ordinary })).toBeUndefined()
  })

  test("a public client that is refused is sent to its backend", () => {
    expect(hint(invalidClient, { client: client() })).toContain("backend")
  })

  test.each([
    ["415", reply(415, { message: "Unsupported" })],
    ["a parameter that was sent is missing", reply(400, { message: "grant_type is required" })],
    ["the body cannot be parsed", reply(400, "Unexpected token g in JSON at position 0")],
  ])("%s: the other body encoding", (_, response) => {
    expect(hint(response)).toContain('bodyEncoding: "json"')
    expect(hint(response, { server: ellipsisDrive({ bodyEncoding: "json" }) })).toContain(
      'bodyEncoding: "form"',
    )
  })

  test.each([404, 405])("%i points at the server's URL", (status) => {
    const { tokenEndpoint } = context().server
    expect(hint(reply(status, { error: "Not Found" }))).toBe(
      `there may be no token endpoint at ${tokenEndpoint}; check the server's URL.`,
    )
    expect(hint(reply(status, { error: "invalid_grant" }))).toBeUndefined()
  })

  test("the other name of the code parameter", () => {
    const response = reply(400, { error: "invalid_request", error_description: "missing parameter: code" })
    expect(hint(response, { grant: codeGrant })).toContain("rfc6749")
    const own = reply(400, { message: "authorization_code is required" })
    const standard = { ...context().server, codeParameter: "code" } as const
    expect(hint(own, { grant: codeGrant, server: standard })).toContain("ellipsisDrive")
  })

  test.each([
    ["basic", "basic-raw"],
    ["basic-raw", "basic"],
  ] as const)(
    "the hint of %s is only for characters that the two encode differently",
    (clientAuthentication, other) => {
      const said = `the client id or secret has special characters, which servers decode in two ways; try clientAuthentication: "${other}" or "body".`
      const hintOf = (clientId: string, clientSecret: string) =>
        hint(invalidClient, { client: client({ clientId, clientSecret, clientAuthentication }) })
      expect(hintOf("app", "a+b")).toBe(said)
      expect(hintOf("a b", "secret")).toBe(said)
      expect(hintOf("A.p-p_1*", "A.p-p_1*")).toBeUndefined()
      const special = client({ clientSecret: "a+b", clientAuthentication })
      expect(hint(reply(400, { error: "invalid_grant" }), { client: special })).toBeUndefined()
    },
  )

  test.each([
    ["invalid_client", true],
    ["unauthorized_client", true],
    ["invalid_grant", false],
    ["invalid_request", false],
  ])("%s to a client without a secret points at the backend: %s", (error, pointsThere) => {
    const response = reply(400, { error })
    expect(hint(response, { client: client() })).toBe(
      pointsThere
        ? "the server may not accept a client without a secret; exchange the code in your backend, which keeps the secret."
        : undefined,
    )
    expect(hint(response)).toBeUndefined()
  })

  const said = (error_description: string, error = "invalid_request") =>
    reply(400, { error, error_description })
  const lacks =
    "missing/required/must/absent/empty/undefined/no/not given/not found/not provided/not present/not set/MISSING"
  const ours =
    'the server calls the parameter "authorization_code", as Ellipsis Drive does; use server: ellipsisDrive({ baseUrl }).'
  const standards = 'the server calls the parameter "code", as RFC 6749 does; use server: rfc6749({ … }).'
  const standard = { ...context().server, codeParameter: "code" } as const

  test.each(lacks.split("/"))("the name of the code parameter that is %s", (words) => {
    for (const name of [
      '"code"',
      "'code'",
      "`code`",
      "code parameter",
      "parameter code",
      "parameter: code",
    ]) {
      expect(hint(said(`${name} ${words}`), { grant: codeGrant })).toBe(standards)
    }
    expect(hint(said(`authorization_code ${words}`), { grant: codeGrant, server: standard })).toBe(ours)
  })

  test.each([
    ['"code" is wrong', {}],
    ['"code" is dismissing', {}],
    ['"code" mustard', {}],
    ["code is missing", {}],
    ["'code is missing", {}],
    ["zipcode parameter is missing", {}],
    ["code parameters are missing", {}],
    ['"code" is missing', { grant: refreshGrant }],
    ['"code" is missing', { server: standard }],
    ["authorization_code is missing", {}],
    ["authorization_codes are missing", { server: standard }],
    ["xauthorization_code is missing", { server: standard }],
    ["authorization_code is wrong", { server: standard }],
  ] as readonly [string, Partial<TokenResponseContext>][])(
    "%o does not ask for another name of the code",
    (text, on) => {
      expect([standards, ours]).not.toContain(hint(said(text), { grant: codeGrant, ...on }))
    },
  )

  const sentParameters = "grant_type client_id client_secret authorization_code code refresh_token".split(" ")
  test.each([
    ..."content-type/content type/Content-Type/media type/json/JSON/urlencoded/unexpected token/body/parse/parsing"
      .split("/")
      .map((words) => [`wrong ${words}`, true] as const),
    ...["jsonx", "xjson", "bodyx", "somebody", "parser", "sparse", "contenttype"].map(
      (word) => [`wrong ${word}`, false] as const,
    ),
    ...sentParameters.flatMap(
      (name) =>
        [
          [`${name} is required`, true],
          [`${name} is wrong`, false],
          [`${name}s required`, false],
          [`x${name} required`, false],
        ] as const,
    ),
    ["nothing is required", false],
  ] as const)("%o points at the other encoding of the body: %s", (text, pointsThere) => {
    const other = 'the server may expect a json body; try bodyEncoding: "json".'
    expect(hint(said(text))).toBe(pointsThere ? other : undefined)
  })

  test("a grant that was refused is no problem of the encoding, but for a 415", () => {
    expect(hint(said("code is required", "invalid_grant"))).toBeUndefined()
    expect(hint(reply(415, { message: "Nope" }))).toContain("json body")
    expect(hint(reply(414, { message: "Nope" }))).toBeUndefined()
  })

  test("no hint without a clue", () => {
    expect(
      hint(reply(400, { error: "invalid_grant", error_description: "The code has expired." })),
    ).toBeUndefined()
  })
})

describe("an endpoint that is down", () => {
  test.each([
    ["429", reply(429, "slow down"), "slow down"],
    [
      "500 with a JSON error",
      reply(500, { error: "server_error", error_description: "oops" }),
      "server_error: oops",
    ],
    ["503 with a message", reply(503, { message: "maintenance" }), "maintenance"],
    ["502 with HTML", reply(502, html), "502 Bad Gateway"],
    ["504 with nothing", reply(504, ""), undefined],
    ["500 with nothing", reply(500, ""), undefined],
    ["599", reply(599, "down"), "down"],
    ["408", reply(408, "too slow"), "too slow"],
    ["425", reply(425, "too early"), "too early"],
    ["500 with an error alone", reply(500, { error: "server_error" }), "server_error"],
    ["400 server_error", reply(400, { error: "server_error" }), "server_error"],
    ["a title with attributes", reply(502, "<html><TITLE lang=en> Down </TITLE>"), "Down"],
    ["a title that does not end", reply(502, "<title>Down"), "Down"],
    ["a title that does not begin", reply(502, "<title Down"), undefined],
    ["an empty title", reply(502, "<title> </title>"), undefined],
    ["a long title", reply(502, `<title>${"x".repeat(201)}</title>`), "x".repeat(200)],
    ["a title near the start", reply(502, `${"<".padEnd(4086)}<title>Down</title>`), "Dow"],
    ["a title far from the start", reply(502, `${"<".padEnd(4096)}<title>Down</title>`), undefined],
    [
      "400 temporarily_unavailable",
      reply(400, { error: "temporarily_unavailable" }),
      "temporarily_unavailable",
    ],
  ])("%s", (_, response, summary) => {
    const error = refusal(response)
    expect(error).toMatchObject({
      _tag: "TokenEndpointUnavailable",
      status: response.status,
      action: "retry",
    })
    expect("summary" in error ? error.summary : undefined).toBe(summary)
  })

  const now = Date.UTC(2026, 0, 1, 12, 0, 0)
  test.each([
    ["120", 120_000],
    [" 0 ", 0],
    ["Thu, 01 Jan 2026 12:00:30 GMT", 30_000],
    ["Thu, 01 Jan 2026 11:00:00 GMT", 0],
    ["-5", undefined],
    ["1.5", undefined],
    ["soon", undefined],
    ["123456789", 123_456_789_000],
    ["1234567890", undefined],
    ["12345678901", undefined],
    ["5 s", undefined],
    ["thu, 01 Jan 2026 12:00:30 GMT", undefined],
    ["2026-01-01T12:00:30Z", undefined],
    ["Thu, no date", undefined],
    ["", undefined],
  ])("Retry-After: %s", (header, retryAfter) => {
    const error = refusal(reply(503, "", { "retry-after": header }), { receivedAt: now })
    expect("retryAfter" in error ? error.retryAfter : undefined).toBe(retryAfter)
  })
})

test("a proxy that requires a password is not retried", () => {
  expect(refusal(reply(407, "<title>Proxy Authentication Required</title>"))).toMatchObject({
    _tag: "TransportError",
    reason: "blocked",
    sent: "no",
    action: "fix",
    detail: "HTTP 407 from a proxy",
    hint: "Give the proxy its user name and password.",
  })
})

describe("a response that is not a token response", () => {
  test.each([
    [199, "InvalidTokenResponse"],
    [201, undefined],
    [299, undefined],
    [300, "TransportError"],
    [399, "TransportError"],
    [400, "InvalidTokenResponse"],
    [418, "InvalidTokenResponse"],
    [499, "InvalidTokenResponse"],
  ])("a token with status %i: %s", (status, tag) => {
    const result = parseTokenResponse(reply(status, good), context())
    expect("failure" in result ? result.failure._tag : undefined).toBe(tag)
  })

  test.each([
    ['{"access_token":"a"\n', "TransportError"],
    [' \n{"access_token":"a"', "TransportError"],
    ["{access_token: 'a'} \n", "InvalidTokenResponse"],
    [" \n{access_token: 'a'}", "InvalidTokenResponse"],
    ["[1", "InvalidTokenResponse"],
  ])("%j was cut off, whatever space is around it: %s", (body, tag) => {
    const error = refusal(reply(200, body))
    expect(error._tag).toBe(tag)
    if (tag === "TransportError") expect(error).toMatchObject({ detail: "the response was cut off" })
  })

  test.each([
    ["JSON", '{"access_token":"a"'],
    ["JSON that ends where the reading ended", '{"access_token":"a"}'],
    ["a list", `[${"1,".repeat(1000)}`],
    ["white space", " \n"],
  ])("%s that is too long to be read: the next response would be as long", (_, body) => {
    for (const status of [200, 400]) {
      const error = refusal({ ...reply(status, body), isTooLong: true })
      expect(error).toMatchObject({
        _tag: "InvalidTokenResponse",
        action: "fix",
        status,
        problem: "the body is larger than 1 MiB",
      })
    }
  })

  test.each([
    [503, '{"error":"invalid_grant"', "TokenEndpointUnavailable"],
    [302, "{", "TransportError"],
    [401, '{"error":"invalid_grant"', "InvalidTokenResponse"],
  ])("HTTP %i with a body that is too long is what its status says", (status, body, tag) => {
    expect(refusal({ ...reply(status, body), isTooLong: true })._tag).toBe(tag)
  })

  test.each([
    ["<title>Hello</title>", 'the body is an HTML page titled "Hello"'],
    ["text", "the body is not JSON"],
  ])("%s that is too long is described as any other", (body, problem) => {
    expect(refusal({ ...reply(200, body), isTooLong: true })).toMatchObject({ problem })
  })

  test("an error that was cut off is not a token that was lost", () => {
    expect(refusal(reply(400, '{"error":"inv'))._tag).toBe("InvalidTokenResponse")
  })

  test.each([
    ["an array", " [] ", "the body is JSON without a token"],
    ["white space", " \n", "the body is empty"],
    ["XML", "<a/>", "the body is HTML or XML"],
    ["a page", " <title>Hello</title>", 'the body is an HTML page titled "Hello"'],
    ["a text", "OK", "the body is not JSON"],
  ])("%s: its problem in whole words", (_, body, problem) => {
    expect(refusal(reply(200, body))).toMatchObject({ status: 200, problem })
  })
  test.each([307, 308, 301, 302, 303])("%i is not followed", (status) => {
    const response = reply(status, "", { location: "https://evil.example/oauth/token?secret=canary" })
    const error = refusal(response)
    expect(error).toMatchObject({ _tag: "TransportError", reason: "redirect", action: "fix" })
    expect(error.message).toContain("https://evil.example")
    expect(error.message).not.toContain("canary")
  })

  test.each([
    ["//evil.example/oauth/token", "to https://evil.example"],
    ["https://api.ellipsis-drive.com/v3/", "to another path of the same server"],
    ["?code=canary", "to another path of the same server"],
    ["http://api.ellipsis-drive.com/v3/oauth/token", "to http://api.ellipsis-drive.com"],
    ["https://[", "to a location that is not a URL"],
  ])("a redirect to %s leads %s", (location, detail) => {
    expect(refusal(reply(307, "", { location }))).toMatchObject({ reason: "redirect", detail })
  })

  test("a redirect without a usable location, and one that the platform hides", () => {
    expect(refusal(reply(307, "", { location: "/elsewhere" })).message).toContain("another path")
    expect(refusal(reply(307, "")).message).toContain("redirects. ")
    expect(refusal(reply(0, ""))).toMatchObject({ reason: "redirect" })
  })

  test.each(['{"access_token":"canary', '{"access_token":"a","refresh_token":"b"', "{"])(
    "%s was cut off, which may have cost the refresh token",
    (body) => {
      const error = refusal(reply(200, body))
      expect(error).toMatchObject({
        _tag: "TransportError",
        reason: "network",
        sent: "maybe",
        action: "retry",
      })
      expect(error.message).not.toContain("canary")
    },
  )

  test.each([
    ["an HTML page", reply(200, html), '"502 Bad Gateway"'],
    ["a 404", reply(404, "<h1>Not found</h1>"), "HTML"],
    ["nothing", reply(200, ""), "empty"],
    ["an array", reply(200, []), "JSON without a token"],
    ["a string", reply(200, '"canary"'), "not JSON"],
    ["JSON of another kind", reply(400, { ok: false }), "JSON without a token"],
    ["broken JSON", reply(200, "{access_token: 'canary'}"), "JSON without a token"],
    ["text", reply(200, "canary"), "not JSON"],
    ["a form", reply(200, "access_token=canary"), "not JSON"],
  ])("%s is described, not quoted", (_, response, problem) => {
    const error = refusal(response)
    expect(error).toMatchObject({ _tag: "InvalidTokenResponse", status: response.status, action: "fix" })
    expect(error.message).toContain(problem)
    expect(error.message).not.toContain("canary")
  })
})

describe("any response of a server", () => {
  const jsonBody = fc.oneof(
    fc.json(),
    fc
      .record(
        {
          access_token: fc.jsonValue(),
          token_type: fc.oneof(fc.constant("Bearer"), fc.jsonValue()),
          expires_in: fc.jsonValue(),
          refresh_token: fc.jsonValue(),
          scope: fc.jsonValue(),
          error: fc.jsonValue(),
          error_description: fc.jsonValue(),
          error_uri: fc.jsonValue(),
          message: fc.jsonValue(),
        },
        { requiredKeys: [] },
      )
      .map((value) => JSON.stringify(value)),
  )
  const body = fc.oneof(
    jsonBody,
    jsonBody.map((text) => text.slice(0, text.length / 2)),
    fc.string({ unit: "binary" }),
    fc.uint8Array().map((bytes) => new TextDecoder().decode(bytes)),
  )
  const headers = fc.dictionary(
    fc.constantFrom("location", "retry-after", "www-authenticate", "content-type"),
    fc.string({ unit: "binary" }),
  )

  test("gives a usable token or a typed error", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999 }), headers, body, (status, header, text) => {
        try {
          const token = parse({ status, headers: header, body: text })
          expect(token.accessToken).toMatch(/^[\x21-\x7e]+$/)
          expect(token.refreshToken).toBeTruthy()
          expect(token.expiresAt ?? Number.POSITIVE_INFINITY).toBeGreaterThan(token.issuedAt)
        } catch (error) {
          expect([
            "TokenErrorResponse",
            "InvalidTokenResponse",
            "TokenEndpointUnavailable",
            "TransportError",
          ]).toContain((error as TokenRequestError)._tag)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test.each([
    "",
    "%",
    "%E0%A4%A",
    "\u0000",
    "\ud800",
    "-1",
    "1e999",
    "Infinity",
    "https://",
    "//",
    "{",
    "a".repeat(100_000),
    "; ; ,",
  ])("with a header that no parser takes, %j, is a token or a typed error", (value) => {
    const headers = Object.fromEntries(
      ["location", "retry-after", "www-authenticate", "content-type"].map((name) => [name, value]),
    )
    for (const status of [0, 204, 302, 401, 404, 407, 429, 503]) {
      expect(isTokenError(refusal(reply(status, "", headers)))).toBe(true)
    }
    expect(parse(reply(200, good, headers)).accessToken).toBe("new-access")
  })

  test("takes time in proportion to its size, whatever is repeated", () => {
    const fragments = [
      "<title",
      "<title ",
      "<title>",
      "<",
      "{",
      '{"a":',
      "[",
      '"',
      " ",
      "\n",
      "invalid ",
      "refresh token ",
      "refresh_token",
      "code",
      "the ",
      "-",
      "%41",
      "&#x41;",
      "\\u0041",
      "a1",
      "\ufeff",
      "\u200b",
    ]
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...fragments), { minLength: 1, maxLength: 4 }),
        fc.constantFrom(200, 400, 401, 404, 500),
        (parts, status) => {
          const body = parts.join("").repeat(Math.ceil(1_000_000 / parts.join("").length))
          // Time that grew with the square of this size would take minutes, and end the test.
          expect(isTokenError(refusal(reply(status, body)))).toBe(true)
        },
      ),
      { numRuns: 40 },
    )
  })

  test("a secret of the request that the response repeats is in no error", () => {
    const secret = refreshGrant.grantType === "refresh_token" ? refreshGrant.refreshToken : ""
    const template = fc.constantFrom(
      (x: string) => x,
      (x: string) => JSON.stringify({ error: x }),
      (x: string) => JSON.stringify({ error: "invalid_grant", error_description: x, error_uri: x }),
      (x: string) => JSON.stringify({ message: x }),
      (x: string) => JSON.stringify({ access_token: 1, [x]: x }),
      (x: string) => `<title>${x}</title>`,
    )
    const around = fc.string({ maxLength: 20 })
    fc.assert(
      fc.property(
        fc.integer({ min: 200, max: 599 }),
        template,
        around,
        around,
        (status, wrap, before, after) => {
          const text = `${before}${secret}${after}`
          const headers = {
            "www-authenticate": text,
            location: `https://x.example/${text}`,
            "retry-after": text,
          }
          try {
            parse({ status, headers, body: wrap(text) })
          } catch (error) {
            expect(JSON.stringify(error) + String(error)).not.toContain(secret)
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})

test("a description that is a question keeps its question mark", () => {
  const error = refusal(
    reply(400, { error: "invalid_request", error_description: "Did you mean /v3/oauth/token?" }),
  )
  expect(error.message).toContain("(HTTP 400): Did you mean /v3/oauth/token? Check")
})
