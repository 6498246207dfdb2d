/**
 * 2,000 signed-in users of `createAuthRoutes` on Postgres, behind two processes of one backend, one of them killed and
 * started again while tokens expire. Prints a report and writes it to results/auth-routes.md.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { arch, availableParallelism, cpus, loadavg, platform } from "node:os"
import { join } from "node:path"
import { bundleBackend } from "../../../packages/node/test/routes/load/BackendProcess.ts"
import {
  type LoadOptions,
  type LoadReport,
  runLoad,
} from "../../../packages/node/test/routes/load/runLoad.ts"
import { startPostgres } from "../../../packages/node/test/stores/servers.ts"

const options: LoadOptions = {
  users: 2000,
  concurrency: 32,
  tokenLifetime: 40_000,
  duration: 90_000,
  deadline: 10_000,
  rotation: { grace: "1 minute", reuse: "revokeFamily" },
}

const kill = { after: 30_000, restartAfter: 45_000 }

const number = (value: number, digits = 0): string =>
  value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })

const counts = (retried: LoadReport["retried"]): string =>
  Object.entries(retried)
    .map(([why, times]) => `${why} ${number(times)}`)
    .join(", ") || "none"

const loads = [loadavg()[0] ?? Number.NaN]
const watch = setInterval(() => loads.push(loadavg()[0] ?? Number.NaN), 5000)
using program = await bundleBackend()
const postgres = await startPostgres()
const measure = async (name: string, change: Partial<LoadOptions>) => {
  const report = await runLoad(postgres, program, { ...options, ...change })
  console.log(name, report)
  if (report.faults.length > 0) throw new Error(report.faults.join("\n"))
  return { name, report }
}

const results = [
  await measure("nobody killed", {}),
  await measure("one process killed and restarted", { kill }),
  await measure("the same, and the provider has no grace period", { kill, rotation: "always" }),
]
clearInterval(watch)
await postgres.stop()

const rows: readonly (readonly [string, (report: LoadReport) => string])[] = [
  ["requests answered", ({ requests }) => number(requests)],
  ["requests/s", ({ perSecond }) => number(perSecond)],
  ["p50, ms", ({ p50 }) => number(p50, 1)],
  ["p99, ms", ({ p99 }) => number(p99, 1)],
  ["longest, ms", ({ longest }) => number(longest)],
  ["requests that ended without a token", ({ errors }) => number(errors)],
  ["attempts that the other process had to answer", ({ retried }) => counts(retried)],
  ["refreshes", ({ refreshes }) => number(refreshes)],
  ["refreshes of one user, fewest and most", ({ refreshesOfOneUser: [a, b] }) => `${a} to ${b}`],
  ["second refreshes for one expiry", ({ repeated }) => number(repeated)],
  ["refresh tokens sent again, whose first reply was lost", ({ sentAgain }) => number(sentAgain)],
  ["refreshes that the provider refused", ({ refused }) => number(refused)],
  ["sessions lost", ({ lostSessions }) => number(lostSessions)],
]

const report = `# Many users of \`createAuthRoutes\`

${new Date().toISOString().slice(0, 10)}, Node.js ${process.version}, ${platform()} ${arch()}, ${availableParallelism()} × ${cpus()[0]?.model.trim()}. Everything is on this one machine: Postgres, both processes of the backend, the provider and the users. Its load during the run (1 minute average): ${number(Math.min(...loads), 1)} to ${number(Math.max(...loads), 1)}.

To repeat: \`pnpm bench:auth-routes\`.

${number(options.users)} users are signed in, each with two tabs that ask \`POST /auth/token\` of two processes at once, ${options.concurrency} users at a time, for ${options.duration / 1000} seconds. Tokens live for ${options.tokenLifetime / 1000} seconds and are refreshed after half of it; the provider replaces each refresh token and revokes the family of one that is used again (more than a minute later, in the first two runs). Process 1 is killed with SIGKILL after ${kill.after / 1000} seconds, at a moment in which the provider has replaced the refresh tokens of ${options.concurrency / 2} users and neither process has heard of it yet, and started again after ${kill.restartAfter / 1000}. Whoever gets no answer, or is told to wait, asks the other process; the times are those from the first attempt to the token.

| | ${results.map(({ name }) => name).join(" | ")} |
| --- | ${results.map(() => "---:").join(" | ")} |
${rows.map(([name, read]) => `| ${name} | ${results.map((result) => read(result.report)).join(" | ")} |`).join("\n")}

A process that is killed between the provider's reply and the write to the store takes the only copy of the new refresh token with it. With a grace period, another process sends the old one again when the lease of the dead one has run out (${(2 * options.deadline) / 1000} seconds here). Without one, that user has to log in again, and nobody can change that.
`
const folder = join(import.meta.dirname, "../../results")
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, "auth-routes.md"), report)
console.log(report)
