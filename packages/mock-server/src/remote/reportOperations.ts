/** What happened, from afar; and the server itself. */

import * as z from "zod"
import { act, nothing, type Operation, read } from "./Operation.js"
import { finding, logEntry, tokenFamily } from "./outputSchemas.js"

const entries = z.array(logEntry)

export const reportOperations = {
  url: read(
    "Server",
    "What a client takes as its base URL",
    "url",
    z.string(),
    ({ controls }) => controls.url,
  ),
  reset: act(
    "Server",
    "As newly started: no grants, no log, no faults, the clock as at first",
    nothing,
    nothing,
    ({ controls, endings, barriers }) => {
      controls.reset()
      endings.clear()
      barriers.clear()
    },
  ),
  log: read("Reports", "What happened, oldest first", "log", entries, ({ controls }) => controls.log),
  subscribe: act(
    "Reports",
    "Responds with the log entries after that number, once there is one",
    z.strictObject({
      after: z
        .int()
        .min(0)
        .exactOptional()
        .meta({ description: "Number of the last entry that is known. Default: the newest one." }),
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
    "What the client did wrong, each with the section that says so",
    "lint",
    z.array(finding),
    ({ controls }) => controls.lint(),
  ),
  transcript: read("Reports", "The log as text without secrets", "transcript", z.string(), ({ controls }) =>
    controls.transcript(),
  ),
} satisfies Record<string, Operation>
