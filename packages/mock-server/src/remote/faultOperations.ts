/** Faults and barriers from afar. */

import * as z from "zod"
import { OptionError } from "../common/OptionError.js"
import type { Barrier, Faults } from "../faults/Faults.js"
import { faultCatalog, malformedReplies } from "../faults/faultCatalog.js"
import { type FaultOrName, findFault } from "../faults/findFault.js"
import { fault, faultOrName, faultTarget } from "./inputSchemas.js"
import { act, keep, nothing, type Operation, type Remote, read } from "./Operation.js"

const id = z
  .string()
  .meta({ description: "What `faults/always`, `faults/schedule` or `faults/hold` responded with." })

const withId = z.strictObject({ id })

const withWaiting = z.strictObject({
  waiting: z.int().min(0).meta({ description: "How many requests are parked." }),
})

const find = <T>(path: string, kept: ReadonlyMap<string, T>, wanted: string): T => {
  const found = kept.get(wanted)
  if (found === undefined) throw new OptionError(path, wanted, "an id that is still known")
  return found
}

const barrierOf = (path: string, { barriers }: Remote, wanted: string): Barrier =>
  find(path, barriers, wanted)

const findAll = (path: string, faults: readonly FaultOrName[]) =>
  faults.map((item, index) => findFault(`${path}[${index}]`, item))

export const faultOperations = {
  "faults/next": act(
    "Faults",
    "The next requests to that endpoint meet these faults, one each, in this order",
    z.strictObject({ target: faultTarget, faults: z.array(faultOrName) }),
    nothing,
    ({ controls }, { target, faults }) => {
      controls.faults.next(target, ...findAll("faults.next.faults", faults))
    },
  ),
  "faults/always": act(
    "Faults",
    "Every request meets this fault, until `faults/end`",
    z.strictObject({ target: faultTarget, fault: faultOrName }),
    withId,
    ({ controls, endings }, input) => ({
      id: keep(endings, controls.faults.always(input.target, findFault("faults.always.fault", input.fault))),
    }),
  ),
  "faults/schedule": act(
    "Faults",
    "Requests meet faults by chance, the same ones for the same seed, until `faults/end`",
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
        .meta({ description: "Default: those that pass by themselves and end at once." }),
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
    "Ends what `faults/always` or `faults/schedule` began",
    withId,
    nothing,
    ({ endings }, input) => find("faults.end.id", endings, input.id)(),
  ),
  "faults/hold": act(
    "Faults",
    "Parks requests; `barrier/full` tells when `count` have come",
    z.strictObject({
      count: z.int().min(1).meta({ description: "How many are waited for." }),
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
  "faults/clear": act("Faults", "No fault is left, and nothing is parked", nothing, nothing, ({ controls }) =>
    controls.faults.clear(),
  ),
  "barrier/waiting": act("Faults", "How many requests are parked", withId, withWaiting, (remote, input) => ({
    waiting: barrierOf("barrier.waiting.id", remote, input.id).waiting,
  })),
  "barrier/full": act(
    "Faults",
    "Responds once as many requests have come as were asked for",
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
    "Lets the parked requests go on, in the order in which they came; later ones pass",
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
    "Names of responses that no client may take for a token, for table tests",
    "malformedReplies",
    z.array(z.string()),
    () => malformedReplies.map(({ name }) => name),
  ),
} satisfies Record<
  `faults/${keyof Faults | "end"}` | `barrier/${keyof Barrier}` | "faultCatalog" | "malformedReplies",
  Operation
>
