/** Remote control of the clock. */
import * as z from "zod"
import type { Clock } from "../common/Clock.js"
import { duration } from "./inputSchemas.js"
import { act, type Operation, read } from "./Operation.js"

const now = z.number().meta({ description: "Epoch milliseconds." })

const waiting = z.int().min(0).meta({ description: "How many responses wait because a fault delays them." })

export const clockOperations = {
  "clock/now": read("Clock", "The time", "now", now, ({ controls }) => controls.clock.now()),
  "clock/advance": act(
    "Clock",
    "Moves the time forward and runs everything that becomes due",
    z.strictObject({ by: duration }),
    z.strictObject({ now }),
    ({ controls: { clock } }, { by }) => {
      clock.advance(by)
      return { now: clock.now() }
    },
  ),
  "clock/set": act(
    "Clock",
    "Sets the time, forward or back",
    z.strictObject({ now }),
    z.strictObject({ now }),
    ({ controls: { clock } }, { now: time }) => {
      clock.set(time)
      return { now: clock.now() }
    },
  ),
  "clock/waiting": read(
    "Clock",
    "How many responses wait because a fault delays them",
    "waiting",
    waiting,
    ({ controls }) => controls.clock.waiting,
  ),
  "clock/untilWaiting": act(
    "Clock",
    "Responds once `count` responses wait for the clock",
    z.strictObject({ count: z.int().min(0).exactOptional().meta({ description: "Default: 1." }) }),
    z.strictObject({ waiting }),
    async ({ controls: { clock } }, input) => {
      await clock.untilWaiting(input.count)
      return { waiting: clock.waiting }
    },
  ),
} satisfies Record<`clock/${keyof Clock}`, Operation>
