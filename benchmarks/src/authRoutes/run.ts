/**
 * 2,000 signed-in users of `createAuthRoutes` on Postgres, behind two processes of one backend, one of them killed and
 * started again while tokens expire; a line of JSON for each run.
 */
import { bundleBackend } from "../../../packages/node/test/routes/load/BackendProcess.ts"
import { type LoadOptions, runLoad } from "../../../packages/node/test/routes/load/runLoad.ts"
import { startPostgres } from "../../../packages/node/test/stores/servers.ts"
import { kill, options } from "./options.ts"

using program = await bundleBackend()
const postgres = await startPostgres()
const measure = async (name: string, change: Partial<LoadOptions>) => {
  const report = await runLoad(postgres, program, { ...options, ...change })
  if (report.faults.length > 0) throw new Error(report.faults.join("\n"))
  console.log(JSON.stringify({ name, report }))
}

await measure("nobody killed", {})
await measure("one process killed and restarted", { kill })
await measure("the same, and the provider has no grace period", { kill, rotation: "always" })
await postgres.stop()
