import { generateCodeVerifier, OAuth2Client } from "@badgateway/oauth2-client"
import * as openid from "openid-client"
import { AuthorizationCode } from "simple-oauth2"
import { describe, expect, it } from "vitest"
import { createMockServer, type MockServer, type MockServerOptions } from "../src/index.js"
import "../src/vitest.js"
import { app, redirectUri } from "./tokens.js"

type CodeParameter = NonNullable<MockServerOptions["codeParameter"]>

interface Tokens {
  readonly accessToken: string
  /** With the state that the client itself kept since the login. */
  readonly refresh: () => Promise<{ readonly accessToken: string }>
}

/** The part of a login that an independent client does. */
type Login = (server: MockServer, codeParameter: CodeParameter) => Promise<Tokens>

/** The browser's part: follows the link and returns the redirect URI with its parameters. */
const visit = async (url: string | URL): Promise<URL> => {
  const response = await fetch(url, { redirect: "manual" })
  return new URL(response.headers.get("location") ?? "")
}

const codeIn = (callback: URL): string => callback.searchParams.get("code") ?? ""

/** For clients that send extra parameters: the code by the provider's own name too. */
const extra = (codeParameter: CodeParameter, callback: URL): Record<string, string> =>
  codeParameter === "code" ? {} : { authorization_code: codeIn(callback) }

const openidClient =
  (authentication: openid.ClientAuth): Login =>
  async (server, codeParameter) => {
    const metadata = {
      issuer: server.url,
      authorization_endpoint: `${server.url}/oauth/authorize`,
      token_endpoint: `${server.url}/oauth/token`,
    }
    const config = new openid.Configuration(metadata, app.client_id, undefined, authentication)
    openid.allowInsecureRequests(config)
    const pkceCodeVerifier = openid.randomPKCECodeVerifier()
    const expectedState = openid.randomState()
    const callback = await visit(
      openid.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        state: expectedState,
        code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: "S256",
      }),
    )
    const checks = { pkceCodeVerifier, expectedState }
    const first = await openid.authorizationCodeGrant(
      config,
      callback,
      checks,
      extra(codeParameter, callback),
    )
    return {
      accessToken: first.access_token,
      refresh: async () => {
        const second = await openid.refreshTokenGrant(config, first.refresh_token ?? "")
        return { accessToken: second.access_token }
      },
    }
  }

const simpleOauth2 =
  (authorizationMethod: "body" | "header"): Login =>
  async (server, codeParameter) => {
    const client = new AuthorizationCode({
      client: { id: app.client_id, secret: app.client_secret },
      auth: {
        tokenHost: server.url,
        authorizePath: "/v3/oauth/authorize",
        tokenPath: "/v3/oauth/token",
      },
      options: { authorizationMethod, bodyFormat: authorizationMethod === "body" ? "form" : "json" },
    })
    const callback = await visit(
      client.authorizeURL({ redirect_uri: redirectUri, state: crypto.randomUUID() }),
    )
    const parameters = {
      code: codeIn(callback),
      redirect_uri: redirectUri,
      ...extra(codeParameter, callback),
    }
    const first = await client.getToken(parameters)
    return {
      accessToken: String(first.token["access_token"]),
      refresh: async () => ({ accessToken: String((await first.refresh()).token["access_token"]) }),
    }
  }

const badgateway =
  (authenticationMethod: "client_secret_basic" | "client_secret_post"): Login =>
  async (server, codeParameter) => {
    const client = new OAuth2Client({
      server: server.url,
      clientId: app.client_id,
      clientSecret: app.client_secret,
      authorizationEndpoint: "/v3/oauth/authorize",
      tokenEndpoint: "/v3/oauth/token",
      authenticationMethod,
      fetch: (input, init) => {
        const body = String(init?.body).replace(/(^|&)code=/, `$1${codeParameter}=`)
        return fetch(input, { ...init, body })
      },
    })
    const codeVerifier = await generateCodeVerifier()
    const state = crypto.randomUUID()
    const parameters = { redirectUri, state, codeVerifier }
    const callback = await visit(await client.authorizationCode.getAuthorizeUri(parameters))
    const first = await client.authorizationCode.getTokenFromCodeRedirect(callback, parameters)
    return { accessToken: first.accessToken, refresh: () => client.refreshToken(first) }
  }

const clients = [
  {
    name: "openid-client, secret in the body",
    login: openidClient(openid.ClientSecretPost(app.client_secret)),
  },
  { name: "openid-client, Basic header", login: openidClient(openid.ClientSecretBasic(app.client_secret)) },
  { name: "simple-oauth2, secret in a form", login: simpleOauth2("body"), knowsPkce: false },
  { name: "simple-oauth2, Basic header and JSON", login: simpleOauth2("header"), knowsPkce: false },
  { name: "@badgateway/oauth2-client, secret in the body", login: badgateway("client_secret_post") },
  { name: "@badgateway/oauth2-client, Basic header", login: badgateway("client_secret_basic") },
]

describe.each(clients)("$name", ({ login, knowsPkce = true }) => {
  describe.each(["code", "authorization_code"] as const)("with the code as %s", (codeParameter) => {
    describe.each(["off", "always"] as const)("rotation %s", (rotation) => {
      it("logs in and refreshes", async () => {
        await using server = await createMockServer({ codeParameter, rotation }).listen()
        const first = await login(server, codeParameter)
        server.clock.advance("1 hour")
        const second = await first.refresh()
        expect(second.accessToken).not.toBe(first.accessToken)
        const response = await fetch(`${server.url}/account`, {
          headers: { authorization: `Bearer ${second.accessToken}` },
        })
        expect(await response.json()).toMatchObject({ username: "demo" })
        expect(server).toHaveRefreshedOnce()
        expect(server).toHaveCleanLint(knowsPkce ? {} : { except: ["missing-pkce"] })
      })
    })
  })
})
