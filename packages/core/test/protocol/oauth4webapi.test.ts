// cspell:ignore nopkce dpop
// The same inputs to this library and to oauth4webapi, a released one that follows the standards to the letter: the
// same bytes on the wire, and the same token responses accepted, but for the differences that are named and justified.

import * as Result from "effect/Result"
import fc from "fast-check"
import * as oauth from "oauth4webapi"
import { describe, expect, test } from "vitest"
import {
  buildTokenRequest,
  type ClientAuthentication,
  type Grant,
  type HttpRequest,
  makeClient,
  parseTokenResponse,
  rfc6749,
  type Token,
} from "../../src/index.js"
import { succeeded } from "../fixtures.js"

const tokenEndpoint = "https://as.example/token"
const server = rfc6749({ authorizationEndpoint: "https://as.example/authorize", tokenEndpoint })
const as: oauth.AuthorizationServer = { issuer: "https://as.example", token_endpoint: tokenEndpoint }

/** Against a mutant the same few each time, so that its verdict repeats. */
const runs = (times = 1) => {
  if (process.env["TEST_MUTANTS"]) return { numRuns: 400 * times, seed: 1 }
  return { numRuns: (process.env["TEST_FULL"] ? 5000 : 1000) * times }
}

interface Credentials {
  readonly clientId: string
  readonly clientSecret: string
  readonly clientAuthentication: Extract<ClientAuthentication, "body" | "basic" | "none">
}

const ourRequest = (
  { clientId, clientSecret, clientAuthentication }: Credentials,
  grant: Grant,
): HttpRequest =>
  succeeded(
    buildTokenRequest(
      server,
      makeClient(server, {
        clientId,
        clientAuthentication,
        ...(clientAuthentication === "none" ? {} : { clientSecret }),
      }),
      grant,
    ),
  )

interface Sent {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const theirRequest = async (
  { clientId, clientSecret, clientAuthentication }: Credentials,
  grant: Grant,
): Promise<Sent> => {
  const authenticate = {
    body: () => oauth.ClientSecretPost(clientSecret),
    basic: () => oauth.ClientSecretBasic(clientSecret),
    none: () => oauth.None(),
  }[clientAuthentication]()
  const client: oauth.Client = { client_id: clientId }
  let sent: Sent | undefined
  const options = {
    [oauth.customFetch]: async (url: string, init: oauth.CustomFetchOptions<"POST", URLSearchParams>) => {
      sent = { url, method: init.method, headers: init.headers, body: String(init.body) }
      return new Response()
    },
  }
  if (grant.grantType === "refresh_token") {
    await oauth.refreshTokenGrantRequest(as, client, authenticate, grant.refreshToken, options)
  } else {
    const callback = new URLSearchParams({ code: grant.code, state: "state" })
    await oauth.authorizationCodeGrantRequest(
      as,
      client,
      authenticate,
      oauth.validateAuthResponse(as, client, callback, "state"),
      grant.redirectUri ?? "",
      grant.codeVerifier ?? oauth.nopkce,
      options,
    )
  }
  if (sent === undefined) throw new Error("nothing was sent")
  return sent
}

/** The order of a form's members means nothing. Their bytes stay as they are. */
const members = (body: string): readonly string[] => body.split("&").sort()

const text = fc.string({
  unit: fc.oneof(fc.constantFrom(..."-_.*!~'() %+&=:/?é€😀"), fc.string({ minLength: 1, maxLength: 1 })),
  minLength: 1,
  maxLength: 40,
})
// A lone surrogate is no text: each library has another error for it.
const secret = text.filter((value) => value.isWellFormed())
const verifier = fc.string({
  unit: fc.constantFrom(..."aZ09-._~"),
  minLength: 43,
  maxLength: 128,
})

const grants: fc.Arbitrary<Grant> = fc.oneof(
  fc.record({ grantType: fc.constant("refresh_token" as const), refreshToken: secret }),
  fc.record({
    grantType: fc.constant("authorization_code" as const),
    code: secret,
    redirectUri: fc.constantFrom("https://app.example/callback", "https://app.example/a b?x=1&y=ü"),
    codeVerifier: fc.option(verifier, { nil: undefined }),
  }),
)

const credentials = fc.record({
  clientId: secret,
  clientSecret: secret,
  clientAuthentication: fc.constantFrom("body" as const, "basic" as const, "none" as const),
})

/** The user name and password of Basic, form-encoded still. */
const basic = (headers: Readonly<Record<string, string>>): readonly string[] =>
  atob((headers["authorization"] ?? "").replace(/^Basic /, "")).split(":")

const formDecode = (value: string): string => new URLSearchParams(`x=${value}`).get("x") ?? ""

describe("a token request", () => {
  test("has the same bytes, member by member, in the body", async () => {
    await fc.assert(
      fc.asyncProperty(credentials, grants, async (client, grant) => {
        const [ours, theirs] = [ourRequest(client, grant), await theirRequest(client, grant)]
        expect([ours.url, ours.method]).toEqual([theirs.url, theirs.method])
        expect(members(ours.body)).toEqual(members(theirs.body))
        expect(ours.headers["accept"]).toBe(theirs.headers["accept"])
        // Deliberate: which program it is, the transport adds, since browsers forbid the header.
        const { "user-agent": _, ...headers } = theirs.headers
        expect(Object.keys(ours.headers).sort()).toEqual(Object.keys(headers).sort())
      }),
      runs(),
    )
  })

  test("has the same bytes in Basic, but for four characters that a form does not escape", async () => {
    await fc.assert(
      fc.asyncProperty(credentials, grants, async (client, grant) => {
        const given = { ...client, clientAuthentication: "basic" as const }
        const [ours, theirs] = [ourRequest(given, grant).headers, (await theirRequest(given, grant)).headers]
        // Deliberate: the form serializer of the URL standard, which RFC 6749 §2.3.1 means, leaves these as they are,
        // and servers that compare the encoded text expect it so. oauth4webapi escapes them too. Both decode alike.
        if (/[-_.*]/.test(client.clientId + client.clientSecret)) {
          expect(basic(ours).map(formDecode)).toEqual([client.clientId, client.clientSecret])
          expect(basic(theirs).map(formDecode)).toEqual([client.clientId, client.clientSecret])
        } else expect(ours["authorization"]).toBe(theirs["authorization"])
      }),
      runs(),
    )
  })

  test("names its content type without a charset, which the type does not have", async () => {
    // Deliberate: application/x-www-form-urlencoded has no parameters (RFC 6749 appendix B, IANA), and some servers
    // compare the whole header.
    const client = { clientId: "app", clientSecret: "s", clientAuthentication: "body" } as const
    const grant = { grantType: "refresh_token", refreshToken: "r" } as const
    expect(ourRequest(client, grant).headers["content-type"]).toBe("application/x-www-form-urlencoded")
    expect((await theirRequest(client, grant)).headers["content-type"]).toBe(
      "application/x-www-form-urlencoded;charset=UTF-8",
    )
  })
})

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const grant: Grant = { grantType: "refresh_token", refreshToken: "sent-refresh-token" }
const publicClient = makeClient(server, { clientId: "app" })
const sentAt = 1_800_000_000_000

const parseOurs = (
  answer: Answer,
): Result.Result<Token, { readonly _tag: string; readonly error?: unknown }> =>
  parseTokenResponse(answer, { server, client: publicClient, grant, sentAt, receivedAt: sentAt })

const parseTheirs = async ({ status, headers, body }: Answer) => {
  const response = new Response(body, { status, headers })
  try {
    return Result.succeed(await oauth.processRefreshTokenResponse(as, { client_id: "app" }, response))
  } catch (error) {
    return Result.fail(error)
  }
}

const jsonOf = ({ body }: Answer): Readonly<Record<string, unknown>> => {
  try {
    const json: unknown = JSON.parse(body)
    return typeof json === "object" && json !== null ? { ...json } : {}
  } catch {
    return {}
  }
}

interface Difference {
  readonly name: string
  readonly why: string
  readonly applies: (answer: Answer) => boolean
  readonly example: Answer
}

const good = { access_token: "fresh", token_type: "Bearer", expires_in: 3600, refresh_token: "next" }
const answer = (body: unknown, status = 200): Answer => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
})

const isIn = (name: string, isFine: (value: unknown) => boolean) => (given: Answer) => {
  const value = jsonOf(given)[name]
  return value !== undefined && !isFine(value)
}

const isText = (value: unknown) => typeof value === "string" && value !== ""

const refusingLosesTheToken =
  "The refresh token beside it may be the only one that still works: to refuse the response would sign the user out."

/** This library takes a token from these, and oauth4webapi does not. */
const onlyOurs: readonly Difference[] = [
  {
    name: "no token_type, or another one than Bearer or DPoP",
    why: `Servers leave it out, or write it their own way. ${refusingLosesTheToken}`,
    applies: (given) => !/^(bearer|dpop)$/i.test(String(jsonOf(given)["token_type"])),
    example: answer({ ...good, token_type: undefined }),
  },
  {
    name: "an expires_in that is no duration",
    why: `The lifetime is unknown then. ${refusingLosesTheToken}`,
    applies: isIn("expires_in", (value) => Number.parseFloat(String(value)) >= 0),
    example: answer({ ...good, expires_in: "soon" }),
  },
  {
    name: "a refresh_token that is none",
    why: "It counts as left out, and the one that was sent is kept.",
    applies: isIn("refresh_token", isText),
    example: answer({ ...good, refresh_token: null }),
  },
  {
    name: "a scope that is no string",
    why: `A list is what it says; anything else counts as left out. ${refusingLosesTheToken}`,
    applies: isIn("scope", (value) => typeof value === "string"),
    example: answer({ ...good, scope: ["maps"] }),
  },
  {
    name: "an id_token",
    why: "This is no client of OpenID Connect: an ID token is a further member, which nothing is decided by.",
    applies: (given) => jsonOf(given)["id_token"] !== undefined,
    example: answer({ ...good, id_token: "not.a.jwt" }),
  },
  {
    name: "another 2xx status",
    why: `Proxies and frameworks answer a POST with 201 or 202. ${refusingLosesTheToken}`,
    applies: ({ status }) => status > 200 && status < 300,
    example: answer(good, 201),
  },
]

/** oauth4webapi takes a token from these, and this library does not. */
const onlyTheirs: readonly Difference[] = [
  {
    name: "an access token with spaces, line breaks or other characters that no header holds",
    why: "RFC 6750 §2.1 has none of them, and the first request to an API would fail without saying why.",
    applies: (given) => !/^[\x21-\x7e]+$/.test(String(jsonOf(given)["access_token"])),
    example: answer({ ...good, access_token: "line\nbreak" }),
  },
  {
    name: "200 with an error of the standard beside a token",
    why: "Some servers send 200 for errors; what stands in access_token then is no token.",
    applies: (given) => isText(jsonOf(given)["error"]),
    example: answer({ ...good, error: "invalid_grant" }),
  },
]

const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    "",
    0,
    -1,
    true,
    [],
    {},
    "soon",
    "3600",
    3600,
    1.5,
    1e12,
    ["maps", "x"],
    "é",
    "a b",
  ),
  fc.string({ maxLength: 5 }),
  fc.double({ noNaN: true }),
)

const often = <A>(usual: A, other: fc.Arbitrary<unknown> = odd) =>
  fc.oneof({ arbitrary: fc.constant<unknown>(usual), weight: 5 }, { arbitrary: other, weight: 1 })

const answers: fc.Arbitrary<Answer> = fc.record({
  status: fc.oneof(
    { arbitrary: fc.constant(200), weight: 8 },
    { arbitrary: fc.constantFrom(201, 202, 206, 400, 401, 403, 404, 429, 500, 503), weight: 3 },
  ),
  headers: fc.constantFrom<Record<string, string>>(
    { "content-type": "application/json" },
    { "content-type": "application/json;charset=utf-8" },
    { "content-type": "text/html" },
    {},
  ),
  body: fc.oneof(
    {
      weight: 12,
      arbitrary: fc
        .record(
          {
            access_token: often("fresh"),
            token_type: often("Bearer", fc.oneof(odd, fc.constantFrom("bearer", "BEARER", "DPoP", "mac"))),
            expires_in: often(3600),
            refresh_token: often("next"),
            scope: often("projects maps"),
            id_token: odd,
            error: fc.oneof(odd, fc.constantFrom("invalid_grant", "invalid_client", "my_error")),
            plan: odd,
          },
          { requiredKeys: ["access_token"] },
        )
        // Most responses have no error and no ID token.
        .chain(({ error, id_token, ...rest }) =>
          fc.tuple(fc.nat(5), fc.nat(5)).map(([first, second]) => ({
            ...rest,
            ...(first === 0 && error !== undefined ? { error } : {}),
            ...(second === 0 && id_token !== undefined ? { id_token } : {}),
          })),
        )
        .map((body) => JSON.stringify(body)),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom("", "{", "[]", "null", '"text"', "<html></html>", '{"access_token":"a'),
    },
    { weight: 1, arbitrary: fc.json() },
  ),
})

describe("a token response", () => {
  test("is accepted by both or by neither, but for the differences", async () => {
    const outcomes = { both: 0, neither: 0, onlyOurs: 0, onlyTheirs: 0 }
    await fc.assert(
      fc.asyncProperty(answers, async (given) => {
        const [ours, theirs] = [parseOurs(given), await parseTheirs(given)]
        const isOurs = Result.isSuccess(ours)
        if (isOurs === Result.isSuccess(theirs)) {
          outcomes[isOurs ? "both" : "neither"]++
          return
        }
        outcomes[isOurs ? "onlyOurs" : "onlyTheirs"]++
        const named = (isOurs ? onlyOurs : onlyTheirs).filter(({ applies }) => applies(given))
        expect(named.map(({ name }) => name)).not.toEqual([])
      }),
      runs(3),
    )
    // What was drawn says something about each.
    for (const [, count] of Object.entries(outcomes)) expect(count).toBeGreaterThan(0)
  })

  test("that both accept has the same meaning", async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (given) => {
        const [ours, theirs] = [parseOurs(given), await parseTheirs(given)]
        if (Result.isFailure(ours) || Result.isFailure(theirs)) return
        const [token, raw] = [ours.success, theirs.success]
        expect(token.accessToken).toBe(raw.access_token)
        expect(token.refreshToken).toBe(raw.refresh_token ?? grant.refreshToken)
        expect(token.scope).toEqual((raw.scope ?? "").split(/\s+/).filter((part) => part !== ""))
        const told = jsonOf(given)["expires_in"]
        // Deliberate: of "3600 seconds" oauth4webapi reads the number; a lifetime of nothing, or of more than ten
        // years, is one that the server does not know.
        const isPlain =
          typeof told === "number" ? told >= 0.001 : /^\d+$/.test(String(told)) && Number(told) > 0
        const lifetime = raw.expires_in
        if (isPlain && lifetime !== undefined && lifetime <= 315_360_000) {
          expect(token.expiresAt).toBe(sentAt + Math.floor(lifetime * 1000))
        }
      }),
      runs(3),
    )
  })

  test.each(["invalid_grant", "invalid_client", "invalid_request", "unauthorized_client", "invalid_scope"])(
    "with the error %s has that error in both",
    async (error) => {
      const given = answer({ error, error_description: "no" }, 400)
      expect(parseOurs(given)).toMatchObject({ failure: { _tag: "TokenErrorResponse", error } })
      expect(await parseTheirs(given)).toMatchObject({ failure: { name: "ResponseBodyError", error } })
    },
  )

  test.each(onlyOurs)("is taken by this library alone: $name", async ({ applies, example }) => {
    expect(applies(example)).toBe(true)
    expect(applies(answer(good))).toBe(false)
    expect(Result.isSuccess(parseOurs(example))).toBe(true)
    expect(Result.isFailure(await parseTheirs(example))).toBe(true)
  })

  test.each(onlyTheirs)("is taken by oauth4webapi alone: $name", async ({ applies, example }) => {
    expect(applies(example)).toBe(true)
    expect(applies(answer(good))).toBe(false)
    expect(Result.isFailure(parseOurs(example))).toBe(true)
    expect(Result.isSuccess(await parseTheirs(example))).toBe(true)
  })
})
