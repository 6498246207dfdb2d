/** Faults and barriers from afar. */

import { OptionError } from "../common/OptionError.js"
import type { Barrier, Faults, FaultTarget, HoldOptions } from "../faults/Faults.js"
import { faultCatalog, malformedReplies } from "../faults/faultCatalog.js"
import { type FaultOrName, findFault } from "../faults/findFault.js"
import { act, keep, nothing, type Operation, type Remote, read } from "./Operation.js"
import { count, list, map, object, oneOf, ref, text } from "./schema.js"

const id = text("What `faults/always`, `faults/schedule` or `faults/hold` replied with.")

const waiting = count(0, "How many requests are parked.")

const find = <T>(path: string, kept: ReadonlyMap<string, T>, wanted: string): T => {
  const found = kept.get(wanted)
  if (found === undefined) throw new OptionError(path, wanted, "an id that is still known")
  return found
}

const barrierOf = (path: string, { barriers }: Remote, wanted: string): Barrier =>
  find(path, barriers, wanted)

export const faultOperations = {
  "faults/next": act<{ target: FaultTarget; faults: readonly FaultOrName[] }>(
    "Faults",
    "The next requests to that endpoint meet these faults, one each, in this order",
    object({ target: ref("FaultTarget"), faults: list(ref("FaultOrName")) }, ["target", "faults"]),
    nothing,
    ({ controls }, { target, faults }) => {
      const found = faults.map((fault, index) => findFault(`faults.next.faults[${index}]`, fault))
      controls.faults.next(target, ...found)
    },
  ),
  "faults/always": act<{ target: FaultTarget; fault: FaultOrName }>(
    "Faults",
    "Every request meets this fault, until `faults/end`",
    object({ target: ref("FaultTarget"), fault: ref("FaultOrName") }, ["target", "fault"]),
    object({ id }, ["id"]),
    ({ controls, endings }, { target, fault }) => ({
      id: keep(endings, controls.faults.always(target, findFault("faults.always.fault", fault))),
    }),
  ),
  "faults/schedule": act<{
    seed: string | number
    target?: FaultTarget
    rate?: number
    faults?: readonly FaultOrName[]
  }>(
    "Faults",
    "Requests meet faults by chance, the same ones for the same seed, until `faults/end`",
    object(
      {
        seed: { anyOf: [{ type: "string" }, { type: "number" }] },
        target: ref("FaultTarget"),
        rate: { type: "number", minimum: 0, maximum: 1, description: "Share of the requests. Default: 0.3." },
        faults: list(ref("FaultOrName"), "Default: those that pass by themselves and answer at once."),
      },
      ["seed"],
    ),
    object({ id }, ["id"]),
    ({ controls, endings }, { seed, faults, ...schedule }) => ({
      id: keep(
        endings,
        controls.faults.schedule(seed, {
          ...schedule,
          ...(faults === undefined
            ? undefined
            : {
                faults: faults.map((fault, index) => findFault(`faults.schedule.faults[${index}]`, fault)),
              }),
        }),
      ),
    }),
  ),
  "faults/end": act<{ id: string }>(
    "Faults",
    "Ends what `faults/always` or `faults/schedule` began",
    object({ id }, ["id"]),
    nothing,
    ({ endings }, input) => find("faults.end.id", endings, input.id)(),
  ),
  "faults/hold": act<HoldOptions & { count: number }>(
    "Faults",
    "Parks requests; `barrier/full` tells when `count` have come",
    object(
      {
        count: count(1, "How many are waited for."),
        target: ref("FaultTarget"),
        at: oneOf(["beforeGrant", "afterCommit"], "Default: `beforeGrant`."),
      },
      ["count"],
    ),
    object({ id }, ["id"]),
    ({ controls, barriers }, { count: wanted, ...options }) => ({
      id: keep(barriers, controls.faults.hold(wanted, options)),
    }),
  ),
  "faults/clear": act("Faults", "No fault is left, and nothing is parked", nothing, nothing, ({ controls }) =>
    controls.faults.clear(),
  ),
  "barrier/waiting": act<{ id: string }>(
    "Faults",
    "How many requests are parked",
    object({ id }, ["id"]),
    object({ waiting }, ["waiting"]),
    (remote, input) => ({ waiting: barrierOf("barrier.waiting.id", remote, input.id).waiting }),
  ),
  "barrier/full": act<{ id: string }>(
    "Faults",
    "Replies once as many requests have come as were asked for",
    object({ id }, ["id"]),
    object({ waiting }, ["waiting"]),
    async (remote, input) => {
      const barrier = barrierOf("barrier.full.id", remote, input.id)
      await barrier.full
      return { waiting: barrier.waiting }
    },
  ),
  "barrier/release": act<{ id: string }>(
    "Faults",
    "Lets the parked requests go on, in the order in which they came; later ones pass",
    object({ id }, ["id"]),
    nothing,
    (remote, input) => barrierOf("barrier.release.id", remote, input.id).release(),
  ),
  faultCatalog: read("Faults", "Faults by name", "faultCatalog", map(ref("Fault")), () => faultCatalog),
  malformedReplies: read(
    "Faults",
    "Names of replies that no client may take for a token, for table tests",
    "malformedReplies",
    list(text()),
    () => malformedReplies.map(({ name }) => name),
  ),
} satisfies Record<
  `faults/${keyof Faults | "end"}` | `barrier/${keyof Barrier}` | "faultCatalog" | "malformedReplies",
  Operation
>
