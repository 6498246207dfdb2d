// Logins that another library has stored are taken over: no new login, and one refresh when the token has expired.
import { createMockServer } from "@ellipsis-oauth/mock-server"
import { createTokenClient, ellipsisDrive } from "@ellipsis-oauth/node"
import { AuthorizationCode } from "simple-oauth2"
import { expect, onTestFinished, test } from "vitest"
import { importAll } from "../src/byHand.js"
import { importFromNextAuth } from "../src/nextAuth.js"
import { importFromSimpleOauth2 } from "../src/simpleOauth2.js"

const start = async () => {
  const mock = createMockServer({ codeParameter: "code", rotation: "always" })
  await mock.listen()
  onTestFinished(() => mock.close())
  const client = createTokenClient({
    server: ellipsisDrive({ baseUrl: mock.url }),
    clientId: "demo-app",
    clientSecret: "demo-secret",
    now: mock.clock.now,
  })
  onTestFinished(() => client.close())
  const old = new AuthorizationCode({
    client: { id: "demo-app", secret: "demo-secret" },
    auth: { tokenHost: new URL(mock.url).origin, tokenPath: "/v3/oauth/token" },
    options: { authorizationMethod: "body" },
  })
  const logIn = async () => {
    const redirectUri = "http://localhost:3000/callback"
    const { code } = mock.authorize({ clientId: "demo-app", redirectUri })
    return (await old.getToken({ code, redirect_uri: redirectUri })).token
  }
  return { mock, client, logIn }
}

const textOf = (value: unknown): string => {
  if (typeof value !== "string") throw new Error("no text")
  return value
}

test("simple-oauth2: the token goes on as it is, then it is refreshed once", async () => {
  const { mock, client, logIn } = await start()
  const stored = JSON.parse(JSON.stringify(await logIn()))
  await importFromSimpleOauth2(client, "ada", stored)
  expect(await client.session("ada").getAccessToken()).toBe(stored.access_token)
  mock.clock.advance("2 hours")
  expect(await client.session("ada").getAccessToken()).not.toBe(stored.access_token)
  await importFromSimpleOauth2(client, "ada", stored)
  mock.clock.advance("2 hours")
  await client.session("ada").getAccessToken()
  expect(mock.lint().filter(({ severity }) => severity === "error")).toEqual([])
})

test("next-auth: seconds become milliseconds", async () => {
  const { mock, client, logIn } = await start()
  const { access_token, refresh_token } = await logIn()
  const account = {
    userId: "ada",
    access_token: textOf(access_token),
    refresh_token: textOf(refresh_token),
    expires_at: Math.floor(mock.clock.now() / 1000) + 3600,
  }
  await importFromNextAuth(client, account)
  expect(await client.session("ada").getAccessToken()).toBe(access_token)
  mock.clock.advance("2 hours")
  expect(await client.session("ada").getAccessToken()).not.toBe(access_token)
})

test("by hand: refresh tokens alone, and the same ones again change nothing", async () => {
  const { client, logIn } = await start()
  const logins = [
    { userId: "ada", refreshToken: textOf((await logIn())["refresh_token"]) },
    { userId: "grace", refreshToken: textOf((await logIn())["refresh_token"]) },
  ]
  expect(await importAll(client, logins)).toEqual([])
  const first = await client.session("ada").getAccessToken()
  expect(await importAll(client, logins)).toEqual([])
  expect(await client.session("ada").getAccessToken()).toBe(first)
  expect(await client.session("grace").getAccessToken()).not.toBe(first)
})
