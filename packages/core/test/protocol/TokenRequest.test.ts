import { inspect } from "node:util"
import { describe, expect, test } from "vitest"
import {
  authorizationCodeGrant,
  buildTokenRequest,
  ConfigurationError,
  ellipsisDrive,
  type Grant,
  rfc6749,
} from "../../src/index.js"
import { client, codeGrant, failed, refreshGrant, server, succeeded } from "../fixtures.js"

const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
const form = (body: string) => Object.fromEntries(new URLSearchParams(body))

describe("token request", () => {
  test("authorization code, with everything", () => {
    const request = succeeded(
      buildTokenRequest(server, client({ clientSecret: "s" }), {
        ...codeGrant,
        redirectUri: "https://app.example/callback",
        codeVerifier: verifier,
      } as Grant),
    )
    expect(request.method).toBe("POST")
    expect(request.url).toBe("https://api.ellipsis-drive.com/v3/oauth/token")
    expect(request.headers).toEqual({
      accept: "application/json",
      "content-type": "application/x-www-form-urlencoded",
    })
    expect(form(request.body)).toEqual({
      grant_type: "authorization_code",
      authorization_code: "the-code-of-the-redirect",
      redirect_uri: "https://app.example/callback",
      code_verifier: verifier,
      client_id: "app",
      client_secret: "s",
    })
  })

  test("authorization code, without optional parameters", () => {
    const request = succeeded(buildTokenRequest(server, client(), codeGrant))
    expect(request.body).toBe(
      "grant_type=authorization_code&authorization_code=the-code-of-the-redirect&client_id=app",
    )
  })

  test("refresh token", () => {
    const registered = client({ clientSecret: "s", clientAuthentication: "basic" })
    const request = succeeded(buildTokenRequest(server, registered, refreshGrant))
    expect(request.body).toBe("grant_type=refresh_token&refresh_token=the-old-refresh-token")
    expect(request.headers["authorization"]).toBe("Basic YXBwOnM=")
  })

  test("a refresh token of any length is accepted", () => {
    const grant: Grant = { grantType: "refresh_token", refreshToken: "x".repeat(4000) }
    expect(form(succeeded(buildTokenRequest(server, client(), grant)).body)["refresh_token"]).toHaveLength(
      4000,
    )
  })

  test("a JSON body", () => {
    const json = ellipsisDrive({ bodyEncoding: "json" })
    const request = succeeded(buildTokenRequest(json, client({ clientSecret: 's"£' }), refreshGrant))
    expect(request.headers["content-type"]).toBe("application/json")
    expect(JSON.parse(request.body)).toEqual({
      grant_type: "refresh_token",
      refresh_token: "the-old-refresh-token",
      client_id: "app",
      client_secret: 's"£',
    })
  })

  test("a standard server gets the code as `code`", () => {
    const on = rfc6749({
      authorizationEndpoint: "https://as.example/a",
      tokenEndpoint: "https://as.example/t",
    })
    const request = succeeded(buildTokenRequest(on, client(), codeGrant))
    expect(request.url).toBe("https://as.example/t")
    expect(form(request.body)).toEqual({
      grant_type: "authorization_code",
      code: "the-code-of-the-redirect",
      client_id: "app",
    })
  })

  test("prints without its secrets", () => {
    const request = succeeded(
      buildTokenRequest(server, client({ clientSecret: "canary" }), {
        grantType: "refresh_token",
        refreshToken: "canary",
      }),
    )
    expect(inspect(request) + JSON.stringify(request) + String(request)).not.toContain("canary")
  })

  test.each([
    ["codeVerifier", { ...codeGrant, codeVerifier: "v".repeat(42) }],
    ["codeVerifier", { ...codeGrant, codeVerifier: "v".repeat(129) }],
    ["codeVerifier", { ...codeGrant, codeVerifier: ` ${"v".repeat(43)}` }],
    ["codeVerifier", { ...codeGrant, codeVerifier: `${"v".repeat(43)} ` }],
    ["codeVerifier", { ...codeGrant, codeVerifier: 7 }],
    ["codeVerifier", { ...codeGrant, codeVerifier: [verifier] }],
    ["redirectUri", { ...codeGrant, redirectUri: "https://app.example/#part" }],
    ["redirectUri", { ...codeGrant, redirectUri: "javascript:alert(1)" }],
    ["redirectUri", { ...codeGrant, redirectUri: "data:text/plain,x" }],
    ["redirectUri", { ...codeGrant, redirectUri: "blob:https://app.example/1" }],
    ["redirectUri", { ...codeGrant, redirectUri: "file:///callback" }],
    ["code", { ...codeGrant, code: "" }],
    ["code", { ...codeGrant, code: undefined }],
    ["codeVerifier", { ...codeGrant, codeVerifier: "too-short" }],
    ["codeVerifier", { ...codeGrant, codeVerifier: "" }],
    ["codeVerifier", { ...codeGrant, codeVerifier: "€".repeat(43) }],
    ["redirectUri", { ...codeGrant, redirectUri: "callback" }],
    ["redirectUri", { ...codeGrant, redirectUri: `https://app.example/${"x".repeat(100)}` }],
    ["refreshToken", { ...refreshGrant, refreshToken: "" }],
  ])("a bad %s is refused before anything is sent", (option, grant) => {
    const error = failed(buildTokenRequest(server, client(), grant as Grant))
    expect(error).toBeInstanceOf(ConfigurationError)
    expect((error as ConfigurationError).option).toBe(option)
  })

  test.each([43, 128])("a verifier of %i characters is sent, with each character of RFC 7636", (length) => {
    const codeVerifier = "AZaz09-._~".padEnd(length, "v")
    const grant = { ...codeGrant, codeVerifier } as Grant
    expect(form(succeeded(buildTokenRequest(server, client(), grant)).body)).toMatchObject({
      code_verifier: codeVerifier,
    })
  })

  test.each([
    ["code", { ...codeGrant, code: "" }, "the code of the redirect"],
    [
      "refreshToken",
      { ...refreshGrant, refreshToken: "" },
      "the refresh token that came with an access token",
    ],
    [
      "codeVerifier",
      { ...codeGrant, codeVerifier: "" },
      "the verifier of the authorization request: 43 to 128 of the characters A-Z a-z 0-9 - . _ ~",
    ],
    [
      "redirectUri",
      { ...codeGrant, redirectUri: "app/callback" },
      "an absolute URL without a fragment, exactly as it is registered",
    ],
  ])("the error of a bad %s says what is expected", (option, grant, expected) => {
    expect(failed(buildTokenRequest(server, client(), grant as Grant))).toMatchObject({
      option,
      message: expect.stringContaining(`Option "${option}" must be ${expected}, got `),
    })
  })

  test.each(["localhost:3000", "localhost:3000/callback", "app.example:80?a=b", "127.0.0.1:12345/x"])(
    "the redirect URI %s lacks its scheme, and the error shows one",
    (redirectUri) => {
      const grant = { ...codeGrant, redirectUri } as Grant
      expect(failed(buildTokenRequest(server, client(), grant))).toMatchObject({
        option: "redirectUri",
        got: JSON.stringify(redirectUri),
        expected: `an absolute URL without a fragment, exactly as it is registered: "http://${redirectUri}"`,
      })
    },
  )

  test.each(["com.example.app:/callback", "app:1234567", "app:12a", "https://app.example:8080/callback"])(
    "the redirect URI %s is sent unchanged",
    (redirectUri) => {
      const grant = { ...codeGrant, redirectUri } as Grant
      expect(form(succeeded(buildTokenRequest(server, client(), grant)).body)).toMatchObject({
        redirect_uri: redirectUri,
      })
    },
  )

  test("the grant of a response has all of its members, and the scope as a list", () => {
    const members = { code: "c", codeVerifier: verifier, redirectUri: "https://app.example/callback" }
    expect(authorizationCodeGrant({ ...members, scope: "projects maps" })).toEqual({
      grantType: "authorization_code",
      ...members,
      scope: ["projects", "maps"],
    })
    expect(authorizationCodeGrant({ code: "c" }).scope).toBeUndefined()
  })
})
