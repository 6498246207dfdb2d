/** What an idle session costs: 100,000 of them, each with a token of its own in hand. Run with --expose-gc. */
import { createMockServer } from "@ellipsis-oauth/mock-server"
import {
  createTokenClient,
  ellipsisDrive,
  restoreToken,
  type TokenSession,
  type TokenStoreAdapter,
} from "@ellipsis-oauth/node"

const count = 100_000
const budget = 1000
const collect = globalThis.gc
if (collect === undefined) throw new Error("run with node --expose-gc")

const server = createMockServer()
const options = {
  server: ellipsisDrive({ baseUrl: server.url }),
  clientId: "demo-app",
  clientSecret: "demo-secret",
  redirectUri: "http://localhost:3000/callback",
  fetch: (url: string, init: RequestInit) => server.fetch(url, init),
}

/** One real record, as the mock's login leaves it in the store. */
const template = await (async () => {
  const records = new Map<string, { value: string; version: string }>()
  const store: TokenStoreAdapter = {
    read: (key) => records.get(key),
    write: (key, record) => Boolean(records.set(key, record)),
    remove: (key) => records.delete(key),
    lease: () => ({ acquired: true, expiresIn: 1 }),
    release: () => {},
  }
  const client = createTokenClient({ ...options, store })
  const { url, transaction } = await client.createAuthorizationRequest()
  const redirect = await server.fetch(url, { redirect: "manual" })
  await client.session("template").completeAuthorization(redirect.headers.get("location") ?? "", transaction)
  const [record] = records.values()
  return JSON.parse(record?.value ?? "")
})()
const { accessToken } = restoreToken(template.token)

/** A database elsewhere: it holds nothing in this process, and gives each user a token of the same length. */
const elsewhere: TokenStoreAdapter = {
  read: (key) => {
    // A key in the store ends with that of the session.
    const name = key.slice(key.lastIndexOf(" ") + 1)
    const own = `${name}${accessToken}`.slice(0, accessToken.length)
    return {
      value: JSON.stringify({ ...template, token: template.token.replace(accessToken, own) }),
      version: name.padEnd(22),
    }
  },
  write: () => true,
  remove: () => true,
  lease: () => ({ acquired: true, expiresIn: 1 }),
  release: () => {},
}

const client = createTokenClient({ ...options, store: elsewhere })
const measure = () => {
  for (let i = 0; i < 5; i++) collect()
  return process.memoryUsage().heapUsed
}
await client.session("warm-up").getAccessToken()
const before = measure()
const sessions: TokenSession[] = []
for (let i = 0; i < count; i++) {
  const session = client.session(`user-${i}`)
  await session.getAccessToken()
  sessions.push(session)
}
const each = (measure() - before) / sessions.length
console.log(
  `${count} idle sessions with a token of ${accessToken.length} characters: ${Math.round(each)} bytes each`,
)
process.exitCode = each < budget ? 0 : 1
