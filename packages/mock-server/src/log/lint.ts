/** What a client did wrong although the server may have let it pass, read from the log. */

import type { Settings } from "../options.js"
import type { Finding } from "./finding.js"
import { authorizationChecks } from "./lint-authorization.js"
import { tokenChecks } from "./lint-token.js"
import type { LogEntry } from "./log.js"

/** Every finding, in the order of the log. */
export const lint = (entries: readonly LogEntry[], settings: Settings): readonly Finding[] =>
  [...authorizationChecks, ...tokenChecks]
    .flatMap((check) => check(entries, settings))
    .sort((a, b) => a.entry - b.entry)
