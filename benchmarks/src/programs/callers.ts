/** `callers COUNT`: so many callers at once on one expired token, of each library; a line of JSON for each. */
import { advance, installClock } from "../behaviour/clock.ts"
import { withLogin } from "../behaviour/Login.ts"
import { peers } from "../peers/index.ts"

const count = Number(process.argv[2])
console.warn = () => {}
installClock()
for (const peer of peers) {
  await withLogin(peer, async ({ client, endpoint }) => {
    // Past an hour, the life of its token.
    advance(3_700_000)
    const cpu = process.cpuUsage()
    const startedAt = performance.now()
    const calls = Array.from({ length: count }, () => client.getAccessToken())
    const outcomes = await Promise.allSettled(calls)
    const wallTime = performance.now() - startedAt
    const { system, user } = process.cpuUsage(cpu)
    const tokens = outcomes.filter(({ status }) => status === "fulfilled").length
    console.log(
      JSON.stringify({
        name: peer.name,
        keepsTokens: peer.keepsTokens,
        requests: endpoint.requests.length,
        refused: endpoint.refusals,
        tokens,
        errors: count - tokens,
        wallTime,
        processorTime: (user + system) / 1000,
      }),
    )
  })
}
process.exit()
