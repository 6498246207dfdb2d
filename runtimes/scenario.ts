/** What the Promise API does, in whatever runtime runs this file: one line of JSON for each part. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import {
  createTokenClient,
  ellipsisDrive,
  encryptedTokenStore,
  loopbackLogin,
  sqliteTokenStore,
  type TokenClient,
  type TokenClientOptions,
} from "@ellipsis-oauth/node"

const [baseUrl = "", api = "", otherApi = ""] = process.argv.slice(2)

const redirectUri = "http://127.0.0.1/callback"

const clientOf = (options: Partial<TokenClientOptions> = {}) =>
  createTokenClient({
    server: ellipsisDrive({ baseUrl }),
    clientId: "app",
    clientSecret: "secret",
    redirectUri,
    ...options,
  })

const check = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what)
}

/** What a browser does. */
const approve = async (url: string): Promise<string> =>
  (await fetch(url, { redirect: "manual" })).headers.get("location") ?? ""

const logIn = async (client: TokenClient) => {
  const { url, transaction } = await client.createAuthorizationRequest()
  const session = client.session("ada")
  const token = await session.completeAuthorization(await approve(url), transaction)
  return { session, accessToken: token.accessToken }
}

const folder = mkdtempSync(join(tmpdir(), "ellipsis-oauth-runtime-"))

/** The API tells what it was sent. */
interface Echo {
  readonly method: string
  readonly path: string
  readonly token: string | null
  readonly body: string
  readonly origin: string
}

const parts: Readonly<Record<string, () => Promise<void>>> = {
  "exchange and refresh": async () => {
    const client = clientOf()
    const { url, transaction } = await client.createAuthorizationRequest({ scope: "projects" })
    const code = await client.parseAuthorizationResponse(await approve(url), transaction)
    const token = await client.exchangeAuthorizationCode(code)
    const fresh = await client.refreshToken(token)
    check(fresh.accessToken !== token.accessToken, "the access token did not change")
    check(fresh.refreshToken !== token.refreshToken, "the refresh token did not rotate")
    const refused = await client.exchangeAuthorizationCode(code).catch((error: unknown) => error)
    check(
      refused instanceof Error && "_tag" in refused && refused._tag === "TokenErrorResponse",
      String(refused),
    )
    await client.close()
  },

  "sessions on SQLite": async () => {
    const path = join(folder, "tokens.sqlite")
    const first = clientOf({ store: sqliteTokenStore({ path }) })
    const { accessToken } = await logIn(first)
    await first.close()
    let refreshes = 0
    const later = () =>
      clientOf({
        store: sqliteTokenStore({ path }),
        now: () => Date.now() + 2 * 3_600_000,
        onEvent: ({ type }) => {
          if (type === "refreshed") refreshes++
        },
      })
    const clients = [later(), later()]
    const asked = clients.flatMap((client) =>
      Array.from({ length: 10 }, () => client.session("ada").getAccessToken()),
    )
    const tokens = new Set(await Promise.all(asked))
    check(tokens.size === 1 && !tokens.has(accessToken), `${tokens.size} tokens`)
    check(refreshes === 1, `${refreshes} refreshes`)
    await Promise.all(clients.map((client) => client.close()))
  },

  "encrypted at rest": async () => {
    const path = join(folder, "encrypted.sqlite")
    const open = () => encryptedTokenStore(sqliteTokenStore({ path }), [{ id: "1", key: new Uint8Array(32) }])
    const first = clientOf({ store: open() })
    const { accessToken } = await logIn(first)
    await first.close()
    const second = clientOf({ store: open() })
    check((await second.session("ada").getAccessToken()) === accessToken, "another token")
    await second.close()
  },

  "session.ky": async () => {
    const client = clientOf()
    const { session, accessToken } = await logIn(client)
    check((await session.ky().get("account")).status === 200, "no account")
    const drive = session.ky({ prefix: api })
    const sent = await drive.post("echo", { json: { a: "ä" } }).json<Echo>()
    check(sent.token === accessToken && sent.body === '{"a":"ä"}', JSON.stringify(sent))
    // The API refuses the token that it was sent first.
    const form = new FormData()
    form.set("file", new Blob(["map"]), "map.txt")
    const again = await drive.post("refuse", { body: form }).json<Echo>()
    check(again.token !== null && again.token !== accessToken, "the same token again")
    check(again.body.includes("map.txt"), "the body was not sent again")
    await client.close()
  },

  "session.ky and redirects": async () => {
    const client = clientOf()
    const { session, accessToken } = await logIn(client)
    const drive = session.ky({ prefix: api })
    const stayed = await drive.post("redirect/here", { body: "text" }).json<Echo>()
    check(stayed.token === accessToken && stayed.body === "text", JSON.stringify(stayed))
    const left = await drive.post("redirect/elsewhere", { body: "text" }).json<Echo>()
    check(left.origin === otherApi && left.body === "text", JSON.stringify(left))
    check(left.token === null, "the other origin saw the token")
    await client.close()
  },

  loopbackLogin: async () => {
    const client = clientOf()
    const pages: Promise<string>[] = []
    const token = await loopbackLogin(client, {
      print: () => {},
      openBrowser: (url) => {
        pages.push(fetch(url).then((response) => response.text()))
      },
    })
    check((await client.session().getAccessToken()) === token.accessToken, "another token")
    check((await pages[0])?.includes("You are logged in") === true, "another page")
    await client.close()
  },
}

const { bun, deno, node } = process.versions
console.log(JSON.stringify({ runtime: bun ? `Bun ${bun}` : deno ? `Deno ${deno}` : `Node.js ${node}` }))
for (const [name, run] of Object.entries(parts)) {
  const problem = await run().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
  )
  console.log(JSON.stringify({ name, problem }))
}
rmSync(folder, { recursive: true, force: true })
