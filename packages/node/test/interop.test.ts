// The client drives released authorization servers of other people, for both grants.
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { OAuth2Server } from "oauth2-mock-server"
import Provider from "oidc-provider"
import { expect, onTestFinished, test } from "vitest"
import { type ClientAuthentication, createTokenClient, rfc6749 } from "../src/index.js"

const redirectUri = "http://localhost:3000/callback"

/** Follows redirects, with cookies and the provider's own login and consent forms, until the app is reached. */
const browse = async (start: string): Promise<string> => {
  const cookies = new Map<string, string>()
  let url = start
  let init: RequestInit = {}
  for (let step = 0; step < 20; step++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ")
    const response = await fetch(url, { ...init, redirect: "manual", headers: { cookie, ...init.headers } })
    for (const set of response.headers.getSetCookie()) {
      const [pair = ""] = set.split(";")
      const [name = "", value = ""] = pair.split("=")
      if (value === "") cookies.delete(name)
      else cookies.set(name, value)
    }
    const location = response.headers.get("location")
    if (location !== null) {
      url = new URL(location, url).href
      init = {}
      if (url.startsWith(redirectUri)) return url
      continue
    }
    const page = await response.text()
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1]
    if (prompt === undefined) throw new Error(`stuck at ${response.status}: ${page.slice(0, 300)}`)
    url = new URL(/action="([^"]+)"/.exec(page)?.[1] ?? "", url).href
    init = {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ prompt, login: "ada", password: "any" }).toString(),
    }
  }
  throw new Error("too many steps")
}

const startOidcProvider = async (method: "client_secret_basic" | "client_secret_post" | "none") => {
  const http = createServer()
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    http.closeAllConnections()
    http.close()
  })
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "app with space",
        ...(method === "none" ? {} : { client_secret: "s3cret +%:&=/" }),
        redirect_uris: [redirectUri],
        grant_types: ["authorization_code", "refresh_token"],
        token_endpoint_auth_method: method,
      },
    ],
    scopes: ["projects", "offline_access"],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: async () => true,
    cookies: { keys: ["key"] },
  })
  http.on("request", provider.callback())
  return issuer
}

test.each([
  ["basic", "client_secret_basic"],
  ["body", "client_secret_post"],
  ["none", "none"],
] as const)("oidc-provider, client authentication %s", async (clientAuthentication, method) => {
  const issuer = await startOidcProvider(method)
  const client = createTokenClient({
    server: rfc6749({ authorizationEndpoint: `${issuer}/auth`, tokenEndpoint: `${issuer}/token` }),
    clientId: "app with space",
    ...(method === "none" ? {} : { clientSecret: "s3cret +%:&=/" }),
    clientAuthentication: clientAuthentication satisfies ClientAuthentication,
    redirectUri,
  })
  const { url, transaction } = await client.createAuthorizationRequest({ scope: "projects" })
  const authorization = await client.parseAuthorizationResponse(await browse(url), transaction)
  const token = await client.exchangeAuthorizationCode(authorization)
  expect(token).toMatchObject({ tokenType: "Bearer", scope: ["projects"], expiresAt: expect.any(Number) })
  const refreshed = await client.refreshToken(token)
  expect(refreshed.accessToken).not.toBe(token.accessToken)
  expect(refreshed.refreshToken).not.toBe(token.refreshToken)
  await expect(client.exchangeAuthorizationCode(authorization)).rejects.toMatchObject({
    _tag: "TokenErrorResponse",
    error: "invalid_grant",
  })
})

test.each(["basic", "body", "none"] as const)(
  "oauth2-mock-server, client authentication %s",
  async (clientAuthentication) => {
    const server = new OAuth2Server()
    await server.issuer.keys.generate("RS256")
    await server.start(0, "127.0.0.1")
    onTestFinished(() => server.stop())
    const issuer = `http://127.0.0.1:${server.address().port}`
    const client = createTokenClient({
      server: rfc6749({ authorizationEndpoint: `${issuer}/authorize`, tokenEndpoint: `${issuer}/token` }),
      clientId: "app",
      ...(clientAuthentication === "none" ? {} : { clientSecret: "secret" }),
      clientAuthentication,
      redirectUri,
    })
    const { url, transaction } = await client.createAuthorizationRequest({ scope: "projects" })
    const authorization = await client.parseAuthorizationResponse(await browse(url), transaction)
    const token = await client.exchangeAuthorizationCode(authorization)
    expect(token.expiresAt).toBeGreaterThan(token.issuedAt)
    const refreshed = await client.refreshToken(token)
    expect(refreshed.accessToken).not.toBe("")
    expect(refreshed.refreshToken).toBeTruthy()
  },
)
