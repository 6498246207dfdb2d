/** Load on a socket: `load SERVER CONNECTIONS SECONDS`; SERVER is the JSON that the server printed. Prints one line of JSON. */
import autocannon from "autocannon"
import type { Running } from "./servers/running.ts"
import { refreshGrants } from "./tokenRequest.ts"

const [, , announced = "", connections = "1", seconds = "1"] = process.argv
const running: Running = JSON.parse(announced)
const count = Number(connections)

/** Each connection has its own grant. It uses the refresh token of its last token response if that has one. */
const connect = (grants: string[], index: number) => (client: autocannon.Client) => {
  client.setBody(grants[index] ?? "")
  if (running.refresh !== undefined) return
  client.on("body", (body: Buffer) => {
    const rotated = /"refresh_token":"([\w-]+)"/.exec(body.toString("latin1"))?.[1]
    if (rotated === undefined) return
    const next = (grants[index] ?? "").replace(/refresh_token=[\w-]{40}/, `refresh_token=${rotated}`)
    grants[index] = next
    client.setBody(next)
  })
}

const send = async (duration: number, logins: readonly string[]) => {
  const grants = [...(await refreshGrants({ ...running, logins }, count))]
  let index = 0
  return autocannon({
    url: running.url,
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    connections: count,
    duration,
    setupClient: (client) => connect(grants, index++)(client),
  })
}

// In the first seconds the JIT compiler is at work. Cold start is measured separately.
const first = await send(Number(seconds) / 2, running.logins)
// The last requests of a run may be cut off after their grants were used, so the next run has its own grants.
const result = await send(Number(seconds), running.logins.slice(count))
console.log(
  JSON.stringify({
    perSecond: result.requests.average,
    responses: first.requests.total + result.requests.total,
    p50: result.latency.p50,
    p99: result.latency.p99,
    failed: result.non2xx + result.errors + result.timeouts,
  }),
)
