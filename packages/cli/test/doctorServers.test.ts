// Runs the doctor against servers of every kind. It must find each difference, and find the same at a mock server with these habits.
import { type MockServerOptions, optionsFromHabits } from "@ellipsis-oauth/mock-server"
import { createTokenClient, ellipsisDrive, rfc6749, type TokenClientOptions } from "@ellipsis-oauth/node"
import { afterAll, describe, expect, it } from "vitest"
import { buildCommand } from "./buildCommand.js"
import { examineServer, type Patient } from "./examineServer.js"
import { listening } from "./listening.js"
import { startOddServer } from "./oddServer.js"
import { startOauth2MockServer, startOidcProvider } from "./releasedServers.js"

const command = await buildCommand()
afterAll(() => command[Symbol.dispose]())

const redirectUri = "http://127.0.0.1/callback"
const clients = [
  { clientId: "public-app", redirectUris: [redirectUri] },
  { clientId: "secret-app", clientSecret: "kanary+secret/%", redirectUris: [redirectUri] },
]
const secretApp = { clientId: "secret-app", clientSecret: "kanary+secret/%" }

const mock = (options: MockServerOptions) => listening({ clients, loopbackRedirect: "anyPort", ...options })

/** The options that the doctor prints, for use in an app. */
const pasted = (stdout: string, { clientId, clientSecret }: Patient): TokenClientOptions => {
  const [, server = ""] = /^ {2}((?:ellipsisDrive|rfc6749)\(.*\))$/m.exec(stdout) ?? []
  const [, authentication] = /^ {2}clientAuthentication: (".*")$/m.exec(stdout) ?? []
  return {
    server: new Function("ellipsisDrive", "rfc6749", `return ${server}`)(ellipsisDrive, rfc6749),
    clientId,
    ...(clientSecret === undefined ? {} : { clientSecret }),
    ...(authentication === undefined ? {} : { clientAuthentication: JSON.parse(authentication) }),
    redirectUri: "http://127.0.0.1:8417/callback",
  }
}

/** The options let an app log in and refresh. */
const useOptions = async (options: TokenClientOptions, scope?: string): Promise<void> => {
  const client = createTokenClient(options)
  const { url, transaction } = await client.createAuthorizationRequest(scope === undefined ? {} : { scope })
  const redirect = await fetch(url, { redirect: "manual" })
  const session = client.session()
  await session.completeAuthorization(redirect.headers.get("location") ?? "", transaction)
  expect((await session.getToken({ force: true })).accessToken).not.toBe("")
  await client.close()
}

/** Examines a mock server that is configured with the findings. */
const examineAlike = async (examined: Patient, habits: object) => {
  const server = await mock(optionsFromHabits({ ...habits, observedAt: "2026-01-01T00:00:00Z" }))
  const alike = await examineServer(command, { ...examined, url: server.url })
  return { ...alike.habits, server: Reflect.get(habits, "server") }
}

describe("the doctor at the mock server", () => {
  it.each<readonly [name: string, MockServerOptions, habits: object, words: readonly RegExp[]]>([
    [
      "that reads a secret in a Basic header alone",
      { clientAuthentication: "basic" },
      { clientAuthentication: ["basic"] },
      [/^ {2}Client secret +in a Basic header$/m, /^ {2}clientAuthentication: "basic"$/m],
    ],
    [
      "that reads a Basic header as it is, and JSON",
      { clientAuthentication: "basic", basicDecoding: "raw", bodyEncoding: "json", errorFormat: "message" },
      { clientAuthentication: ["basic-raw"], bodyEncoding: ["json"], errorBody: "message" },
      [/^ {2}Client secret +in a Basic header without form encoding$/m, /bodyEncoding: "json"/],
    ],
    [
      "that reads a secret in the body alone, with errors in text",
      { clientAuthentication: "body", errorFormat: "text" },
      { clientAuthentication: ["body"], errorBody: "text" },
      [/^ {2}Client secret +in the body$/m, /^ {2}Errors +text; HTTP 400 .*; HTTP 401 for the client$/m],
    ],
    [
      "with rotation and a grace",
      { rotation: { grace: "30 seconds" } },
      { rotation: "always", spentRefreshToken: "accepted" },
      [/^ {2}Refresh tokens +each refresh returns a new one, and the old one still works for a while$/m],
    ],
    [
      "with rotation that refuses a spent token",
      { rotation: { reuse: "reject" }, expiresIn: "omit" },
      { rotation: "always", spentRefreshToken: "refused", expiresIn: "absent" },
      [/and the old one is refused$/m, /^ {2}expires_in +absent: /m],
    ],
    [
      "with rotation that ends the login",
      { rotation: "always", expiresIn: "string", accessTokenLifetime: "15 minutes" },
      { spentRefreshToken: "endsLogin", expiresIn: "string", accessTokenLifetime: 900 },
      [/is refused, which also revokes the new one$/m, /a string: tokens are valid for 900 s$/m],
    ],
    [
      "that calls the code code, and needs PKCE with S256",
      { codeParameter: "code", pkce: "required", pkceMethods: ["S256"] },
      { codeParameter: "code", pkce: "required", pkceMethods: ["S256"] },
      [/^ {2}Code +sent as code$/m, /^ {2}PKCE +required; by S256$/m, /^ {2}rfc6749\(/m],
    ],
    [
      "that calls the code code, and reads JSON with messages",
      { codeParameter: "code", bodyEncoding: "json", errorFormat: "message" },
      { codeParameter: "code", bodyEncoding: ["json"] },
      [/^ {2}rfc6749\(.*bodyEncoding: "json"/m],
    ],
    [
      "with statuses of its own",
      { tokenStatus: 201, errorStatus: { invalid_grant: 403, invalid_client: 400 }, tokenType: "bearer" },
      { tokenStatus: 201, grantErrorStatus: 403, clientErrorStatus: 400, tokenType: "bearer" },
      [
        /^ {2}Token response +HTTP 201$/m,
        /HTTP 403 for a refresh token or code; HTTP 400 for the client$/m,
        /^ {2}token_type +present, in lower case$/m,
      ],
    ],
    [
      "with errors in token responses of status 200",
      { errorStatus: { invalid_grant: 200, invalid_client: 200 } },
      { grantErrorStatus: 200, clientErrorStatus: 200 },
      [/HTTP 200 for a refresh token or code/],
    ],
    [
      "that names the scope only at login",
      { scopeInReply: "login", scopes: ["maps"] },
      { scope: "login", scopes: ["maps"] },
      [/^ {2}Scope +named only in the token response of a login: maps$/m],
    ],
    [
      "that names no scope and no type",
      { scopeInReply: "omit", tokenType: "omit" },
      { scope: "absent", tokenType: "absent" },
      [/^ {2}Scope +not named in a token response$/m, /^ {2}token_type +absent$/m],
    ],
    [
      "that checks no secret and no refresh token",
      { clientSecrets: "ignore", unknownRefreshTokens: "accept" },
      { withoutSecret: "allowed", publicClients: "allowed", unknownRefreshToken: "accepted" },
      [
        /^ {2}Without secret +a client that has a secret may leave it out$/m,
        /^ {2}Unknown tokens +accepted: /m,
      ],
    ],
  ])("%s", async (_, options, habits, words) => {
    const server = await mock(options)
    const examined = { ...secretApp, url: server.url }
    const found = await examineServer(command, examined)
    expect(found.code, found.stderr).toBe(0)
    expect(found.habits).toMatchObject(habits)
    for (const pattern of words) expect(found.stdout).toMatch(pattern)
    const issued = JSON.stringify(server.families).matchAll(/"token":"([^"]+)"/g)
    const basic = Buffer.from(`secret-app:${encodeURIComponent(secretApp.clientSecret)}`).toString("base64")
    for (const secret of ["kanary", basic, ...[...issued].map(([, token = ""]) => token)]) {
      for (const text of [found.transcript, found.stdout, found.stderr, JSON.stringify(found.habits)]) {
        expect(text).not.toContain(secret)
      }
    }
    await useOptions(pasted(found.stdout, examined))
    expect(await examineAlike(examined, found.habits)).toEqual(found.habits)
  })

  it("that issues no refresh tokens", async () => {
    const server = await mock({ refreshTokens: "omit" })
    const examined = { ...secretApp, url: server.url }
    const { code, stdout, habits } = await examineServer(command, examined)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^ {2}Refresh tokens +none: a login ends when its access token expires$/m)
    expect(await examineAlike(examined, habits)).toEqual(habits)
  })

  it.each(["rfc6749", "message", "text"] as const)(
    "that refuses public clients, in %s",
    async (errorFormat) => {
      const server = await mock({ publicClients: "refuse", errorFormat })
      const examined = { clientId: "public-app", url: server.url }
      const { code, stdout, habits } = await examineServer(command, examined)
      expect(code).not.toBe(0)
      expect(stdout).toMatch(/^ {2}Public clients +are refused at the token endpoint$/m)
      expect(await examineAlike(examined, habits)).toEqual(habits)
    },
  )
})

describe("the doctor at a released server", () => {
  it("oidc-provider", async () => {
    const { url, client, flags } = await startOidcProvider()
    const examined = { ...client, url, flags }
    const { code, stdout, stderr, transcript, habits } = await examineServer(command, examined)
    expect(code, stderr).toBe(0)
    expect(habits).toMatchObject({
      bodyEncoding: ["form"],
      clientAuthentication: ["body", "basic"],
      withoutSecret: "refused",
      codeParameter: "code",
      pkce: "required",
      pkceMethods: ["S256"],
      rotation: "always",
      spentRefreshToken: "endsLogin",
      scope: "always",
      scopes: ["openid"],
      expiresIn: "number",
      errorBody: "rfc6749",
      grantErrorStatus: 400,
      clientErrorStatus: 401,
    })
    expect(stdout).toContain(
      `rfc6749({ authorizationEndpoint: "${url}/oauth/authorize", tokenEndpoint: "${url}/oauth/token" })`,
    )
    expect(transcript).not.toContain(client.clientSecret)
    const server = await listening({
      ...optionsFromHabits(habits),
      clients: [{ ...client, redirectUris: [redirectUri] }],
      loopbackRedirect: "anyPort",
    })
    const alike = await examineServer(command, { ...examined, url: server.url })
    expect({ ...alike.habits, server: url }).toEqual(habits)
  })

  it("oauth2-mock-server", async () => {
    const { url } = await startOauth2MockServer()
    const examined = { ...secretApp, url }
    const { code, stdout, stderr, habits } = await examineServer(command, examined)
    expect(code, stderr).toBe(0)
    expect(habits).toMatchObject({
      codeParameter: "authorization_code",
      withoutSecret: "allowed",
      unknownRefreshToken: "accepted",
      rotation: "always",
      spentRefreshToken: "accepted",
      scopes: ["dummy"],
    })
    await useOptions(pasted(stdout, examined))
    expect(await examineAlike(examined, habits)).toEqual(habits)
  })
})

describe("the doctor at a server that follows no standard", () => {
  it.each(["html", "echo", "silent"] as const)("that says %s", async (manner) => {
    const { url } = await startOddServer(manner)
    const found = await examineServer(command, { ...secretApp, url })
    expect(found.code, found.stderr).toBe(0)
    expect(found.habits).toMatchObject({ bodyEncoding: ["json"], rotation: "never" })
    // An unavailable server is not asked repeatedly.
    expect(found.transcript.match(/^## An unknown refresh token, as a form$/gm)).toHaveLength(1)
    for (const text of [found.transcript, found.stdout, found.stderr]) {
      expect(text).not.toContain("kanary")
      expect(text).not.toContain("odd-token")
    }
  })
})
