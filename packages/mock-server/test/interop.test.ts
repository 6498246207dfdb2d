import * as oauth from "oauth4webapi"
import { describe, expect, it } from "vitest"
import { createMockServer, type MockServerOptions } from "../src/index.js"
import { redirectUri } from "./tokens.js"

const confidential: oauth.Client = { client_id: "demo-app" }
const secret = "demo-secret"

const walk = async (options: MockServerOptions, client: oauth.Client, authentication: oauth.ClientAuth) => {
  await using server = await createMockServer({ codeParameter: "code", ...options }).listen()
  const as: oauth.AuthorizationServer = {
    issuer: server.url,
    authorization_endpoint: `${server.url}/oauth/authorize`,
    token_endpoint: `${server.url}/oauth/token`,
  }
  const insecure = { [oauth.allowInsecureRequests]: true }
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const url = new URL(as.authorization_endpoint ?? "")
  url.search = new URLSearchParams({
    response_type: "code",
    client_id: client.client_id,
    redirect_uri: redirectUri,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  }).toString()

  const redirect = await fetch(url, { redirect: "manual" })
  const callback = oauth.validateAuthResponse(
    as,
    client,
    new URL(redirect.headers.get("location") ?? ""),
    state,
  )
  const first = await oauth.processAuthorizationCodeResponse(
    as,
    client,
    await oauth.authorizationCodeGrantRequest(as, client, authentication, callback, redirectUri, verifier, {
      ...insecure,
      additionalParameters:
        options.codeParameter === undefined ? [] : [[options.codeParameter, callback.get("code") ?? ""]],
    }),
  )
  server.clock.advance("1 hour")
  const second = await oauth.processRefreshTokenResponse(
    as,
    client,
    await oauth.refreshTokenGrantRequest(as, client, authentication, first.refresh_token ?? "", insecure),
  )
  const api = await oauth.protectedResourceRequest(
    second.access_token,
    "GET",
    new URL(`${server.url}/account`),
    undefined,
    undefined,
    insecure,
  )
  return { first, second, account: await api.json(), lint: server.lint() }
}

describe("oauth4webapi, an independent client", () => {
  it.each<[string, MockServerOptions, oauth.Client, oauth.ClientAuth]>([
    ["secret in the body", {}, confidential, oauth.ClientSecretPost(secret)],
    ["Basic header", {}, confidential, oauth.ClientSecretBasic(secret)],
    ["public client", {}, { client_id: "demo-spa" }, oauth.None()],
    [
      "the provider's name for the code",
      { codeParameter: "authorization_code" },
      confidential,
      oauth.ClientSecretPost(secret),
    ],
    ["rotation", { rotation: "always" }, confidential, oauth.ClientSecretPost(secret)],
    [
      "a lower-case token type and no scope",
      { tokenType: "bearer", scopeInReply: "omit" },
      confidential,
      oauth.ClientSecretPost(secret),
    ],
  ])("completes both grants: %s", async (_, options, client, authentication) => {
    const { first, second, account, lint } = await walk(options, client, authentication)
    expect(first).toMatchObject({ token_type: "bearer", expires_in: 3600, refresh_token: expect.any(String) })
    expect(second.access_token).not.toBe(first.access_token)
    expect(account).toMatchObject({ username: "demo" })
    expect(lint).toEqual([])
  })

  it("reads an error of the server as one", async () => {
    await expect(walk({}, confidential, oauth.ClientSecretPost("wrong"))).rejects.toThrow(
      expect.objectContaining({ name: "WWWAuthenticateChallengeError", status: 401 }),
    )
  })
})
