/** The main job over real HTTP, against the mock server: login, code exchange, API call, expiry, refresh. */
import { createMockServer } from "@ellipsis-oauth/mock-server"
import { createTokenClient, ellipsisDrive, isTokenError, type Token } from "@ellipsis-oauth/node"
import { Story } from "./story.js"

const story = new Story()
const redirectUri = "http://localhost:3000/callback"
const server = await createMockServer({ rotation: "always" }).listen({ port: 0 })
const ellipsis = ellipsisDrive({ baseUrl: server.url })

/** What a browser does: follow the authorization URL, come back to the redirect URI. */
const browse = async (url: string): Promise<string> => {
  const response = await fetch(url, { redirect: "manual" })
  return response.headers.get("location") ?? ""
}

const callApi = (token: Token) =>
  fetch(`${server.url}/account`, { headers: { authorization: `Bearer ${token.accessToken}` } })

const walk = async (client: ReturnType<typeof createTokenClient>): Promise<void> => {
  const { url, transaction } = await client.createAuthorizationRequest({ scope: "projects" })
  story.step("The app sends the user to the authorization URL", url.startsWith(server.url), url)

  const callbackUrl = await browse(url)
  const { protocol, host, pathname, searchParams } = new URL(callbackUrl)
  const parameters = [...searchParams.keys()].join(" and ")
  story.step(
    `The user approves and comes back to ${protocol}//${host}${pathname} with ${parameters}`,
    searchParams.has("code"),
  )

  const authorization = await client.parseAuthorizationResponse(callbackUrl, transaction)
  const token = await client.exchangeAuthorizationCode(authorization)
  story.step("The code is exchanged for a token (printed as it always prints, redacted)", true, token)

  const first = await callApi(token)
  story.step(`GET /account with the access token: ${first.status}`, first.status === 200, await first.text())

  server.clock.advance("2 hours")
  const late = await callApi(token)
  story.step(
    `Two hours later, the same call: ${late.status}`,
    late.status === 401,
    late.headers.get("www-authenticate"),
  )

  const refreshed = await client.refreshToken(token)
  const rotated = refreshed.refreshToken !== token.refreshToken
  story.step(
    "The refresh token is exchanged for a new token; the server rotated the refresh token too",
    rotated,
  )

  const again = await callApi(refreshed)
  story.step(`GET /account with the new access token: ${again.status}`, again.status === 200)
}

const fails = async (
  what: string,
  tag: string,
  code: string,
  attempt: () => Promise<unknown>,
): Promise<void> => {
  const error = await attempt().then(
    () => undefined,
    (error: unknown) => error,
  )
  const expected = isTokenError(error) && error._tag === tag && "error" in error && error.error === code
  const shown = isTokenError(error)
    ? `${error._tag}, action "${error.action}"\n${error.message}`
    : String(error)
  story.step(what, expected, shown)
}

try {
  console.log(`The mock server listens at ${server.url}`)
  const confidential = { server: ellipsis, clientId: "demo-app", clientSecret: "demo-secret", redirectUri }

  story.chapter("A confidential client: id and secret in the body, PKCE with S256")
  const client = createTokenClient(confidential)
  await walk(client)

  story.chapter("The same with HTTP Basic authentication")
  await walk(createTokenClient({ ...confidential, clientAuthentication: "basic" }))

  story.chapter("A public client: PKCE without a secret")
  await walk(createTokenClient({ server: ellipsis, clientId: "demo-spa", redirectUri }))

  story.chapter("Three failures, and their typed errors")
  const login = async () => {
    const { url, transaction } = await client.createAuthorizationRequest()
    return client.parseAuthorizationResponse(await browse(url), transaction)
  }
  const used = await login()
  await client.exchangeAuthorizationCode(used)
  await fails("A code that was used before", "TokenErrorResponse", "invalid_grant", () =>
    client.exchangeAuthorizationCode(used),
  )
  const { code } = await login()
  await fails("A wrong code verifier", "TokenErrorResponse", "invalid_grant", () =>
    client.exchangeAuthorizationCode({ code, codeVerifier: "x".repeat(43) }),
  )
  const fresh = await login()
  const impostor = createTokenClient({ ...confidential, clientSecret: "wrong" })
  await fails("A wrong client secret", "TokenErrorResponse", "invalid_client", () =>
    impostor.exchangeAuthorizationCode(fresh),
  )
} finally {
  await server.close()
}
story.end()
