/** The state that the endpoints of one server share. */

import type { ServerClock } from "../common/Clock.js"
import type { Log } from "../log/Log.js"
import type { Settings } from "../protocol/Settings.js"
import type { Approvals } from "./Approvals.js"
import type { Grants } from "./Grants.js"

export interface Provider {
  readonly settings: Settings
  readonly clock: ServerClock
  readonly grants: Grants
  readonly log: Log
  readonly approvals: Approvals
}
