/**
 * `simulation LIBRARY USERS HOURS`: users log in within ten minutes and then ask for their token every minute, on a
 * clock that is moved. A line of JSON: the requests to the provider in each minute.
 */
import { advance, installClock } from "../behaviour/clock.ts"
import { credentials } from "../behaviour/Login.ts"
import { TokenEndpoint } from "../behaviour/TokenEndpoint.ts"
import { peers } from "../peers/index.ts"
import type { PeerClient } from "../peers/Peer.ts"

const [, , name, givenUsers = "100", hours = "3"] = process.argv
const peer = peers.find((each) => each.name === name)
if (peer === undefined)
  throw new Error(`simulation takes one of ${peers.map((each) => each.name).join(", ")}`)
const users = Number(givenUsers)
console.warn = () => {}
installClock()
const endpoint = await new TokenEndpoint().listen()
// Not every library survives the other way, and the load is what counts here.
endpoint.always = { keepsRefreshToken: true }

const logIn = async (client: PeerClient): Promise<void> => {
  const state = new URL(await client.authorizationUrl()).searchParams.get("state") ?? ""
  await client.complete(`${credentials.redirectUri}?code=code&state=${state}`)
}

/** Minutes in which the users log in. */
const morning = 10
/** Ticks in a minute; a user asks in one of them. */
const ticks = 4
const clients: PeerClient[] = []
const perMinute: number[] = []
let errors = 0
for (let minute = 0; minute < Number(hours) * 60; minute++) {
  const before = endpoint.requests.length
  for (let tick = 0; tick < ticks; tick++) {
    const due = Math.round((users * (minute * ticks + tick + 1)) / (morning * ticks))
    const arriving = Math.min(due, users) - clients.length
    // As many at once as a machine serves.
    const work: (() => Promise<unknown>)[] = clients
      .filter((_, index) => index % ticks === tick)
      .map((client) => () => client.getAccessToken())
    for (let i = 0; i < arriving; i++) {
      const client = await peer.open({ ...credentials, origin: endpoint.origin })
      clients.push(client)
      work.push(() => logIn(client))
    }
    const worker = async (): Promise<void> => {
      for (let next = work.pop(); next !== undefined; next = work.pop()) await next().catch(() => errors++)
    }
    await Promise.all(Array.from({ length: 32 }, worker))
    advance(60_000 / ticks)
  }
  perMinute.push(endpoint.requests.length - before)
}
console.log(JSON.stringify({ name, perMinute, errors, refused: endpoint.refusals }))
process.exit()
