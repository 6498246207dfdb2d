/** 2,000 users of `createAuthRoutes` on two processes, one of them killed. */
import type { LoadReport } from "../../../packages/node/test/routes/load/runLoad.ts"
import { kill, options } from "../authRoutes/options.ts"
import { runProgram } from "../harness/runProgram.ts"
import { number, table } from "../harness/table.ts"
import type { Subject } from "./Subject.ts"

interface Run {
  readonly name: string
  readonly report: LoadReport
}

const program = new URL("../authRoutes/run.ts", import.meta.url)

/** It starts what the packages' tests have for that. */
const nodeOptions = ["--import", "tsx", "--conditions=@ellipsis-oauth/source"]

const counts = (retried: LoadReport["retried"]): string =>
  Object.entries(retried)
    .map(([why, times]) => `${why} ${number(times)}`)
    .join(", ") || "none"

const rows: readonly (readonly [string, (report: LoadReport) => string])[] = [
  ["requests with a response", ({ requests }) => number(requests)],
  ["requests/s", ({ perSecond }) => number(perSecond)],
  ["p50, ms", ({ p50 }) => number(p50, 1)],
  ["p99, ms", ({ p99 }) => number(p99, 1)],
  ["longest, ms", ({ longest }) => number(longest)],
  ["requests that ended without a token", ({ errors }) => number(errors)],
  ["attempts that the other process had to serve", ({ retried }) => counts(retried)],
  ["refreshes", ({ refreshes }) => number(refreshes)],
  ["refreshes of one user, fewest and most", ({ refreshesOfOneUser: [a, b] }) => `${a} to ${b}`],
  ["second refreshes for one expiry", ({ repeated }) => number(repeated)],
  ["refresh tokens sent again, whose first response was lost", ({ sentAgain }) => number(sentAgain)],
  ["refreshes that the provider refused", ({ refused }) => number(refused)],
  ["sessions lost", ({ lostSessions }) => number(lostSessions)],
]

export const authRoutes: Subject = {
  name: "auth-routes",
  title: "Many users of `createAuthRoutes`",
  onlyByName: true,
  run: async () => {
    const runs = await runProgram<Run>(program, { nodeOptions })
    return {
      text: `Everything is on this one machine: Postgres, both processes of the backend, the provider and the users.

${number(options.users)} users are signed in, each with two tabs that ask \`POST /auth/token\` of two processes at once, ${options.concurrency} users at a time, for ${options.duration / 1000} seconds. Tokens live for ${options.tokenLifetime / 1000} seconds and are refreshed after half of it; the provider replaces each refresh token and revokes the family of one that is used again (more than a minute later, in the first two runs). Process 1 is killed with SIGKILL after ${kill.after / 1000} seconds, at a moment in which the provider has replaced the refresh tokens of ${options.concurrency / 2} users and neither process has heard of it yet, and started again after ${kill.restartAfter / 1000}. A tab that gets no response, or is told to wait, asks the other process; the times are those from the first attempt to the token.

${table(
  ["", ...runs.map(({ name }) => name)],
  rows.map(([name, read]) => [name, ...runs.map(({ report }) => read(report))]),
)}

A process that is killed between the provider's response and the write to the store takes the only copy of the new refresh token with it. With a grace period, another process sends the old one again when the lease of the dead one has run out (${(2 * options.deadline) / 1000} seconds here). Without one, that user has to log in again, and nobody can change that.`,
      data: { options, runs },
    }
  },
}
