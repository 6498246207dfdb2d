/** `sessions LIBRARY COUNT`: so many users, each with a token of its own in hand; a line of JSON. Run with --expose-gc. */
import { OAuth2Client as BadgatewayClient, OAuth2Fetch } from "@badgateway/oauth2-client"
import { createTokenClient, restoreToken, rfc6749, type TokenStoreAdapter } from "@ellipsis-oauth/node"
import { OAuth2Client } from "google-auth-library"
import { AuthorizationCode } from "simple-oauth2"
import { credentials } from "../behaviour/Login.ts"

const [, , library = "", given = "1000"] = process.argv
const count = Number(given)
const collect = globalThis.gc
if (collect === undefined) throw new Error("run with node --expose-gc")

const length = 40
const tokenOf = (index: number): string => `access-${index}-`.padEnd(length, "x")
const refreshTokenOf = (index: number): string => `refresh-${index}-`.padEnd(length, "x")

/** Makes what one user costs, and asks it for the access token. */
type Make = (index: number) => Promise<{ readonly kept: unknown; readonly ask: () => Promise<unknown> }>

const lifetime = 3600

/** A record as a login leaves it in a store. */
const recordOf = async (): Promise<{ readonly token: string }> => {
  let value = ""
  const store: TokenStoreAdapter = {
    read: () => undefined,
    write: (_key, record) => {
      value = record.value
      return true
    },
    remove: () => true,
    lease: () => ({ acquired: true, expiresIn: 1 }),
    release: () => {},
  }
  const client = createTokenClient({
    server: rfc6749({
      authorizationEndpoint: "https://server.example/a",
      tokenEndpoint: "https://server.example/t",
    }),
    clientId: credentials.clientId,
    clientSecret: credentials.clientSecret,
    redirectUri: credentials.redirectUri,
    store,
    fetch: async () =>
      Response.json({
        access_token: tokenOf(0),
        refresh_token: refreshTokenOf(0),
        token_type: "Bearer",
        expires_in: lifetime,
      }),
  })
  const { transaction, url } = await client.createAuthorizationRequest()
  const state = new URL(url).searchParams.get("state")
  await client
    .session("template")
    .completeAuthorization(`${credentials.redirectUri}?code=code&state=${state}`, transaction)
  return JSON.parse(value)
}

const makers: Readonly<Record<string, () => Promise<Make>>> = {
  "@ellipsis-oauth/node": async () => {
    const template = await recordOf()
    const { accessToken, refreshToken = "" } = restoreToken(template.token)
    /** A database elsewhere: it holds nothing in this process. */
    const store: TokenStoreAdapter = {
      read: (key) => {
        const index = Number(/user-(\d+)$/.exec(key)?.[1])
        const token = template.token
          .replace(accessToken, tokenOf(index))
          .replace(refreshToken, refreshTokenOf(index))
        return { value: JSON.stringify({ ...template, token }), version: String(index) }
      },
      write: () => true,
      remove: () => true,
      lease: () => ({ acquired: true, expiresIn: 1 }),
      release: () => {},
    }
    const client = createTokenClient({
      server: rfc6749({
        authorizationEndpoint: "https://server.example/a",
        tokenEndpoint: "https://server.example/t",
      }),
      clientId: credentials.clientId,
      clientSecret: credentials.clientSecret,
      redirectUri: credentials.redirectUri,
      store,
    })
    return async (index) => {
      const session = client.session(`user-${index}`)
      return { kept: session, ask: () => session.getAccessToken() }
    }
  },
  "simple-oauth2": async () => {
    const client = new AuthorizationCode({
      client: { id: credentials.clientId, secret: credentials.clientSecret },
      auth: { tokenHost: "https://server.example" },
    })
    return async (index) => {
      const token = client.createToken({
        access_token: tokenOf(index),
        refresh_token: refreshTokenOf(index),
        token_type: "Bearer",
        expires_in: lifetime,
      })
      return {
        kept: token,
        ask: async () => {
          if (token.expired()) throw new Error("expired")
          return token.token["access_token"]
        },
      }
    }
  },
  "@badgateway/oauth2-client": async () => {
    const client = new BadgatewayClient({ server: "https://server.example", ...credentials })
    return async (index) => {
      const wrapper = new OAuth2Fetch({
        client,
        getNewToken: () => null,
        getStoredToken: () => ({
          accessToken: tokenOf(index),
          refreshToken: refreshTokenOf(index),
          expiresAt: Date.now() + lifetime * 1000,
        }),
        scheduleRefresh: false,
      })
      return { kept: wrapper, ask: () => wrapper.getAccessToken() }
    }
  },
  "google-auth-library": async () => async (index) => {
    const client = new OAuth2Client(credentials)
    client.setCredentials({
      access_token: tokenOf(index),
      refresh_token: refreshTokenOf(index),
      expiry_date: Date.now() + lifetime * 1000,
    })
    return { kept: client, ask: () => client.getAccessToken() }
  },
}

const maker = makers[library]
if (maker === undefined) throw new Error(`sessions takes one of ${Object.keys(makers).join(", ")}`)
const make = await maker()
const heap = (): number => {
  for (let i = 0; i < 4; i++) collect()
  return process.memoryUsage().heapUsed
}
const warm = await make(count)
await warm.ask()
const before = heap()
const kept: unknown[] = []
const asks: (() => Promise<unknown>)[] = []
const cpu = process.cpuUsage()
for (let index = 0; index < count; index++) {
  const made = await make(index)
  await made.ask()
  kept.push(made.kept)
  if (index % 1000 === 0) asks.push(made.ask)
}
const { system, user } = process.cpuUsage(cpu)
const bytes = (heap() - before) / count
for (const ask of asks) await ask()
console.log(JSON.stringify({ bytes, microseconds: (user + system) / count, kept: kept.length }))
process.exit()
