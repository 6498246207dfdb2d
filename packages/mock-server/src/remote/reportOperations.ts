/** Remote control: log, families, findings, and the server itself. */

import * as z from "zod"
import { act, nothing, type Operation, read } from "./Operation.js"
import { finding, logEntry, tokenFamily } from "./outputSchemas.js"

const entries = z.array(logEntry)

export const reportOperations = {
  url: read("Server", "The base URL for a client", "url", z.string(), ({ controls }) => controls.url),
  reset: act(
    "Server",
    "Restores the initial state: no grants, no log, no faults, the clock as at the start",
    nothing,
    nothing,
    ({ controls, endings, barriers }) => {
      controls.reset()
      endings.clear()
      barriers.clear()
    },
  ),
  log: read("Reports", "The log entries, oldest first", "log", entries, ({ controls }) => controls.log),
  subscribe: act(
    "Reports",
    "Responds with the log entries after `after`, once there is one",
    z.strictObject({
      after: z
        .int()
        .min(0)
        .exactOptional()
        .meta({ description: "Number of the last entry that the test has. Default: the newest one." }),
    }),
    z.strictObject({ log: entries }),
    async ({ controls, changes }, input) => {
      const after = input.after ?? controls.log.at(-1)?.number ?? 0
      for (;;) {
        const log = controls.log.filter(({ number }) => number > after)
        if (log.length > 0 || !(await changes.next())) return { log }
      }
    },
  ),
  families: read(
    "Reports",
    "Every grant with the tokens that descend from it, oldest first",
    "families",
    z.array(tokenFamily),
    ({ controls }) => controls.families,
  ),
  lint: read(
    "Reports",
    "The client's mistakes in the log, each with the section of the specification",
    "lint",
    z.array(finding),
    ({ controls }) => controls.lint(),
  ),
  transcript: read("Reports", "The log as text without secrets", "transcript", z.string(), ({ controls }) =>
    controls.transcript(),
  ),
} satisfies Record<string, Operation>
