/** What happened, from afar; and the server itself. */

import { act, nothing, type Operation, read } from "./Operation.js"
import { count, list, object, ref, text } from "./schema.js"

const entries = list(ref("LogEntry"))

export const reportOperations = {
  url: read("Server", "What a client takes as its base URL", "url", text(), ({ controls }) => controls.url),
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
  subscribe: act<{ after?: number }>(
    "Reports",
    "Replies with the log entries after that number, once there is one",
    object({ after: count(0, "Number of the last entry that is known. Default: the newest one.") }),
    object({ log: entries }, ["log"]),
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
    list(ref("TokenFamily")),
    ({ controls }) => controls.families,
  ),
  lint: read(
    "Reports",
    "What the client did wrong, each with the section that says so",
    "lint",
    list(ref("Finding")),
    ({ controls }) => controls.lint(),
  ),
  transcript: read("Reports", "The log as text without secrets", "transcript", text(), ({ controls }) =>
    controls.transcript(),
  ),
} satisfies Record<string, Operation>
