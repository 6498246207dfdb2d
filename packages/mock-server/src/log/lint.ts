/** Finds mistakes of a client in the log, also those that the server accepted. */

import type { Settings } from "../protocol/Settings.js"
import { authorizationChecks } from "./authorizationChecks.js"
import type { Finding } from "./Finding.js"
import type { LogEntry } from "./Log.js"
import { tokenChecks } from "./tokenChecks.js"

/** Every finding, in the order of the log. */
export const lint = (entries: readonly LogEntry[], settings: Settings): readonly Finding[] =>
  [...authorizationChecks, ...tokenChecks]
    .flatMap((check) => check(entries, settings))
    .sort((a, b) => a.entry - b.entry)
