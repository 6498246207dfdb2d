/** The clock from afar. */
import type { Clock } from "../common/Clock.js"
import type { Duration } from "../common/Duration.js"
import { act, type Operation, read } from "./Operation.js"
import { count, object, ref, type Schema } from "./schema.js"

const now: Schema = { type: "number", description: "Epoch milliseconds." }

const waiting = count(0, "How many replies a fault's delay holds up.")

export const clockOperations = {
  "clock/now": read("Clock", "The time", "now", now, ({ controls }) => controls.clock.now()),
  "clock/advance": act<{ by: Duration }>(
    "Clock",
    "Moves the time forward and lets everything that falls due happen",
    object({ by: ref("Duration") }, ["by"]),
    object({ now }, ["now"]),
    ({ controls: { clock } }, { by }) => {
      clock.advance(by)
      return { now: clock.now() }
    },
  ),
  "clock/set": act<{ now: number }>(
    "Clock",
    "Sets the time, forward or back",
    object({ now }, ["now"]),
    object({ now }, ["now"]),
    ({ controls: { clock } }, { now: time }) => {
      clock.set(time)
      return { now: clock.now() }
    },
  ),
  "clock/waiting": read(
    "Clock",
    "How many replies a fault's delay holds up",
    "waiting",
    waiting,
    ({ controls }) => controls.clock.waiting,
  ),
  "clock/untilWaiting": act<{ count?: number }>(
    "Clock",
    "Replies once that many replies wait for the clock",
    object({ count: count(0, "Default: 1.") }),
    object({ waiting }, ["waiting"]),
    async ({ controls: { clock } }, input) => {
      await clock.untilWaiting(input.count)
      return { waiting: clock.waiting }
    },
  ),
} satisfies Record<`clock/${keyof Clock}`, Operation>
