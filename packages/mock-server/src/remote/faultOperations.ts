/** Remote control of faults and barriers. */

import * as z from "zod"
import { OptionError } from "../common/OptionError.js"
import type { Barrier, Faults } from "../faults/Faults.js"
import { faultCatalog, malformedReplies } from "../faults/faultCatalog.js"
import { type FaultOrName, findFault } from "../faults/findFault.js"
import { fault, faultOrName, faultTarget } from "./inputSchemas.js"
import { act, keep, nothing, type Operation, type Remote, read } from "./Operation.js"

const id = z
  .string()
  .meta({ description: "The id from the response of `faults/always`, `faults/schedule` or `faults/hold`." })

const withId = z.strictObject({ id })

const withWaiting = z.strictObject({
  waiting: z.int().min(0).meta({ description: "How many requests are held." }),
})

const find = <T>(path: string, kept: ReadonlyMap<string, T>, wanted: string): T => {
  const found = kept.get(wanted)
  if (found === undefined) throw new OptionError(path, wanted, "the id of an active fault or barrier")
  return found
}

const barrierOf = (path: string, { barriers }: Remote, wanted: string): Barrier =>
  find(path, barriers, wanted)

const findAll = (path: string, faults: readonly FaultOrName[]) =>
  faults.map((item, index) => findFault(`${path}[${index}]`, item))

export const faultOperations = {
  "faults/next": act(
    "Faults",
    "The next requests to that endpoint get these faults, one each, in this order",
    z.strictObject({ target: faultTarget, faults: z.array(faultOrName) }),
    nothing,
    ({ controls }, { target, faults }) => {
      controls.faults.next(target, ...findAll("faults.next.faults", faults))
    },
  ),
  "faults/always": act(
    "Faults",
    "Every request gets this fault, until `faults/end`",
    z.strictObject({ target: faultTarget, fault: faultOrName }),
    withId,
    ({ controls, endings }, input) => ({
      id: keep(endings, controls.faults.always(input.target, findFault("faults.always.fault", input.fault))),
    }),
  ),
  "faults/schedule": act(
    "Faults",
    "Requests get random faults, the same ones for the same seed, until `faults/end`",
    z.strictObject({
      seed: z.union([z.string(), z.number()], { error: "text or a number" }),
      target: faultTarget.exactOptional(),
      rate: z
        .number()
        .min(0)
        .max(1)
        .exactOptional()
        .meta({ description: "Share of the requests. Default: 0.3." }),
      faults: z
        .array(faultOrName)
        .exactOptional()
        .meta({ description: "Default: the temporary faults of `faultCatalog` that end at once." }),
    }),
    withId,
    ({ controls, endings }, { seed, faults, ...schedule }) => ({
      id: keep(
        endings,
        controls.faults.schedule(seed, {
          ...schedule,
          ...(faults === undefined ? undefined : { faults: findAll("faults.schedule.faults", faults) }),
        }),
      ),
    }),
  ),
  "faults/end": act(
    "Faults",
    "Ends a fault of `faults/always` or `faults/schedule`",
    withId,
    nothing,
    ({ endings }, input) => find("faults.end.id", endings, input.id)(),
  ),
  "faults/hold": act(
    "Faults",
    "Holds requests; `barrier/full` responds when `count` requests have arrived",
    z.strictObject({
      count: z.int().min(1).meta({ description: "How many requests `barrier/full` waits for." }),
      target: faultTarget.exactOptional(),
      at: z
        .enum(["beforeGrant", "afterCommit"])
        .exactOptional()
        .meta({ description: "Default: `beforeGrant`." }),
    }),
    withId,
    ({ controls, barriers }, { count, ...options }) => ({
      id: keep(barriers, controls.faults.hold(count, options)),
    }),
  ),
  "faults/clear": act(
    "Faults",
    "Removes all faults and continues all held requests",
    nothing,
    nothing,
    ({ controls }) => controls.faults.clear(),
  ),
  "barrier/waiting": act("Faults", "How many requests are held", withId, withWaiting, (remote, input) => ({
    waiting: barrierOf("barrier.waiting.id", remote, input.id).waiting,
  })),
  "barrier/full": act(
    "Faults",
    "Responds once `count` requests have arrived",
    withId,
    withWaiting,
    async (remote, input) => {
      const barrier = barrierOf("barrier.full.id", remote, input.id)
      await barrier.full
      return { waiting: barrier.waiting }
    },
  ),
  "barrier/release": act(
    "Faults",
    "Continues the held requests in the order in which they arrived; later requests are not held",
    withId,
    nothing,
    (remote, input) => barrierOf("barrier.release.id", remote, input.id).release(),
  ),
  faultCatalog: read(
    "Faults",
    "Faults by name",
    "faultCatalog",
    z.record(z.string(), fault),
    () => faultCatalog,
  ),
  malformedReplies: read(
    "Faults",
    "Names of responses that a client must not accept as token responses, for table tests",
    "malformedReplies",
    z.array(z.string()),
    () => malformedReplies.map(({ name }) => name),
  ),
} satisfies Record<
  `faults/${keyof Faults | "end"}` | `barrier/${keyof Barrier}` | "faultCatalog" | "malformedReplies",
  Operation
>
