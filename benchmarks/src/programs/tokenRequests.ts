/** `tokenRequests ORIGIN ROUNDS COUNT`: code exchanges and refreshes of each library, in turns; a line of JSON for each. */
import { credentials } from "../behaviour/Login.ts"
import { costOf, interleave, timed } from "../harness/statistics.ts"
import { peers } from "../peers/index.ts"
import type { PeerClient } from "../peers/Peer.ts"

const [, , origin = "", rounds = "5", count = "50"] = process.argv

const logIn = async (client: PeerClient): Promise<void> => {
  const state = new URL(await client.authorizationUrl()).searchParams.get("state") ?? ""
  await client.complete(`${credentials.redirectUri}?code=some-code&state=${state}`)
}

/** What the platform alone takes: the same request, with its response parsed. */
const bareFetch = async (): Promise<void> => {
  const body = new URLSearchParams({
    grant_type: "refresh_token",
    refresh_token: "r".repeat(40),
    client_id: credentials.clientId,
    client_secret: credentials.clientSecret,
  })
  const response = await fetch(`${origin}/token`, { method: "POST", body })
  await response.json()
}

interface Operation {
  readonly name: string
  readonly what: "exchange" | "refresh"
  readonly run: () => Promise<void>
}

const operations: Operation[] = [
  { name: "bare fetch", what: "exchange", run: bareFetch },
  { name: "bare fetch", what: "refresh", run: bareFetch },
]
for (const { name, open } of peers) {
  const client = await open({ ...credentials, origin })
  await logIn(client)
  operations.push({ name, what: "exchange", run: () => logIn(client) })
  const refreshed = await open({ ...credentials, origin })
  await logIn(refreshed)
  operations.push({ name, what: "refresh", run: () => refreshed.refresh() })
}

const measure = ({ run }: Operation) =>
  timed(Number(count), async () => {
    for (let i = 0; i < Number(count); i++) await run()
  })

// Until the compiler has seen each; a quick run has no time for that.
await interleave(Number(count) < 40 ? 1 : 6, operations, measure)
for (const [{ name, what }, results] of await interleave(Number(rounds), operations, measure)) {
  console.log(JSON.stringify({ name, what, ...costOf(results) }))
}
process.exit()
