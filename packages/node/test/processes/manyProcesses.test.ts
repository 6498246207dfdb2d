import { expect, test } from "vitest"
import { describeDatabases } from "./databases.js"
import { bundleWorker } from "./Worker.js"
import { World } from "./World.js"

const processes = 8
const callers = 50
const expiries = 20

bundleWorker()

describeDatabases("any", (database) => {
  test("8 processes with 50 callers each, 20 expiries, every refresh token works once: 20 refreshes", async () => {
    const world = await World.open({ rotation: "always" })
    const store = await database.open()
    const tokens = [await world.login(world.client(store))]
    // A lease that cannot run out while the machine is busy with something else.
    const start = () => world.start(database.location, 20_000)
    const workers = await Promise.all(Array.from({ length: processes }, start))

    for (let expiry = 0; expiry < expiries; expiry++) {
      world.expire()
      const call = { ...world.call, callers }
      const outcomes = (await Promise.all(workers.map((worker) => worker.call(call)))).flat()
      const [token] = outcomes.map((outcome) => ("token" in outcome ? outcome.token : ""))
      expect(outcomes).toEqual(Array(processes).fill({ token, count: callers }))
      tokens.push(String(token))
    }

    expect(new Set(tokens).size).toBe(1 + expiries)
    expect(world.refreshes).toBe(expiries)
    expect(world.server.log.filter(({ decision }) => decision !== "granted")).toEqual([])
    expect(world.server.lint()).toEqual([])
    await world.expectSound(store, { workers })
    expect(await Promise.all(workers.map((worker) => worker.end()))).toEqual(Array(processes).fill(0))
  }, 60_000)
})
