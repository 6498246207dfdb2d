import type { RefreshTokenNode } from "@ellipsis-oauth/mock-server"
import { expect, test } from "vitest"
import { memoryTokenStore } from "../../src/index.js"
import { describeDatabase } from "./databases.js"
import { openStore } from "./location.js"
import { monotonic } from "./presentations.js"
import { bundleWorker, type Worker } from "./Worker.js"
import { World } from "./World.js"

const kills = process.env["TEST_FULL"] ? 100 : 25
const deadline = 1000
/** So many that the lease of a process that was killed has run out when its session has its turn again. */
const sessions = Array.from({ length: 20 }, (_, index) => `user-${index}`)

bundleWorker()

describeDatabase("SQLite", "any", (database) => {
  test(`a process that refreshes in a loop, killed ${kills} times: the store always has a usable latest token`, async () => {
    const world = await World.open({ rotation: { grace: "1 hour" } })
    const client = world.client(await database.open())
    for (const key of sessions) await world.login(client, key)
    await client.close()
    const bare = world.client(memoryTokenStore())

    const start = () => world.start(database.location, deadline)
    let starting = start()
    let killedBeforeWrite = 0
    for (let kill = 0; kill < kills; kill++) {
      const worker = await starting
      starting = start()
      const session = kill % sessions.length
      const key = sessions[session] ?? ""
      worker.loop({ key, offset: world.offset })
      await killAfter(world, worker, 1 + (kill % 3), ((kill * 7) % 40) / 4)

      // Opened anew, as the next process does, so that the log of the one that was killed is recovered.
      const { store, close } = await openStore(database.location)
      const stored = await world.stored(store, key)
      await close()
      const issued = accessTokens(world, session)
      const found = issued.indexOf(stored?.accessToken ?? "")
      expect(found).toBeGreaterThanOrEqual(issued.indexOf(worker.tokens.at(-1) ?? ""))
      if (found < issued.length - 1) killedBeforeWrite++
      expect((await bare.refreshToken(stored)).accessToken).not.toBe(stored?.accessToken)
      expect(worker.faults).toEqual([])
    }
    await (await starting).end()

    // They struck where it hurts, and elsewhere.
    expect(killedBeforeWrite).toBeGreaterThan(0)
    expect(killedBeforeWrite).toBeLessThan(kills)
    expect(world.presentations.atOnce).toBe(0)
    expect(world.server.log.filter(({ decision }) => decision !== "granted")).toEqual([])
  }, 180_000)
})

/** Kills it when the provider has seen a few of its requests, and a few milliseconds later. */
const killAfter = async (world: World, worker: Worker, requests: number, later: number): Promise<void> => {
  await new Promise<void>((resolve) => {
    let left = requests
    const unsubscribe = world.server.subscribe(() => {
      if (--left > 0) return
      unsubscribe()
      resolve()
    })
  })
  const due = monotonic() + later
  // No timer is as fine as a refresh is short.
  while (monotonic() < due) await new Promise((resolve) => setImmediate(resolve))
  await worker.kill()
}

/** Every access token of a session, oldest first. */
const accessTokens = ({ server }: World, session: number): string[] => {
  const below = (nodes: readonly RefreshTokenNode[]): RefreshTokenNode[] =>
    nodes.flatMap((node) => [node, ...below(node.children)])
  return below(server.families[session]?.refreshTokens ?? [])
    .sort((one, other) => one.number - other.number)
    .flatMap((node) => node.accessTokens.map(({ token }) => token))
}
