import { inspect } from "node:util"
import { describe, expect, test } from "vitest"
import { buildTokenRequest, ConfigurationError, ellipsisDrive, type Grant, rfc6749 } from "../../src/index.js"
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
})
