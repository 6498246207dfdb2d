/** Load on a socket: `load SERVER CONNECTIONS SECONDS`, the server as it announced itself; one line of JSON. */
import autocannon from "autocannon"
import type { Running } from "./servers/running.ts"
import { refreshGrants } from "./tokenRequest.ts"

const [, , announced = "", connections = "1", seconds = "1"] = process.argv
const running: Running = JSON.parse(announced)
const grants = [...(await refreshGrants(running, Number(connections)))]

/** Each connection has a grant of its own, and goes on with the refresh token of its last reply if that had one. */
const setupClient = (client: autocannon.Client): void => {
  const grant = grants.pop() ?? ""
  client.setBody(grant)
  if (running.refresh !== undefined) return
  client.on("body", (reply: Buffer) => {
    const rotated = /"refresh_token":"([\w-]+)"/.exec(reply.toString("latin1"))?.[1]
    if (rotated !== undefined)
      client.setBody(grant.replace(/refresh_token=[\w-]{40}/, `refresh_token=${rotated}`))
  })
}

const result = await autocannon({
  url: running.url,
  method: "POST",
  headers: { "content-type": "application/x-www-form-urlencoded" },
  connections: Number(connections),
  duration: Number(seconds),
  setupClient,
})
console.log(
  JSON.stringify({
    perSecond: result.requests.average,
    replies: result.requests.total,
    p50: result.latency.p50,
    p99: result.latency.p99,
    failed: result.non2xx + result.errors + result.timeouts,
  }),
)
