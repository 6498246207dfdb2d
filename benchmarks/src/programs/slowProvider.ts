/** `slowProvider MILLISECONDS`: a refresh whose response takes that long, of each library at once; a line of JSON for each. */
import { advance, installClock } from "../behaviour/clock.ts"
import { describeError, outcomeOf } from "../behaviour/describe.ts"
import { withLogin } from "../behaviour/Login.ts"
import { peers } from "../peers/index.ts"

const delay = Number(process.argv[2])
console.warn = () => {}
installClock()
let waiting = peers.length
let go = (): void => {}
const allAreIn = new Promise<void>((resolve) => {
  go = resolve
})

await Promise.all(
  peers.map((peer) =>
    withLogin(peer, async ({ client, endpoint }) => {
      if (--waiting === 0) {
        // Past an hour, the life of their tokens.
        advance(3_700_000)
        go()
      }
      await allAreIn
      endpoint.always = { delay }
      const startedAt = performance.now()
      const first = await outcomeOf(client.getAccessToken())
      const seconds = (performance.now() - startedAt) / 1000
      const requests = endpoint.requests.length
      const refused = endpoint.refusals
      endpoint.always = undefined
      const next = await outcomeOf(client.getAccessToken())
      const told = (outcome: typeof first) => ("error" in outcome ? describeError(outcome.error) : "a token")
      console.log(
        JSON.stringify({
          name: peer.name,
          first: told(first),
          seconds,
          requests,
          refused,
          next: told(next),
          isLost: "error" in next,
        }),
      )
    }),
  ),
)
process.exit()
