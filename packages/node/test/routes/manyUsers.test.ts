// Many users, two processes, one of them killed. The benchmark does the same with 2,000 of them.
import { describe, expect, onTestFinished, test } from "vitest"
import { hasPostgres, startPostgres } from "../stores/servers.js"
import { bundleBackend } from "./load/BackendProcess.js"
import { runLoad } from "./load/runLoad.js"

describe.skipIf(!hasPostgres())("100 users on Postgres, behind two processes of which one is killed", () => {
  test("every request gets a response, each user is refreshed once per expiry, and no session is lost", async () => {
    using program = await bundleBackend()
    const postgres = await startPostgres()
    onTestFinished(() => postgres.stop())
    const report = await runLoad(postgres, program, {
      users: 100,
      concurrency: 8,
      tokenLifetime: 4000,
      duration: 6000,
      kill: { after: 2000, restartAfter: 3500 },
      deadline: 3000,
      rotation: { grace: "1 minute", reuse: "revokeFamily" },
    })
    expect(report).toMatchObject({ errors: 0, lostSessions: 0, repeated: 0, refused: 0, faults: [] })
    expect(report.retried["ECONNREFUSED"]).toBeGreaterThan(0)
    expect(report.refreshesOfOneUser[0]).toBeGreaterThanOrEqual(1)
  }, 90_000)
})
