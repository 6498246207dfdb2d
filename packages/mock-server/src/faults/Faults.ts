/** Which fault the next request meets, and where requests are parked. */

import { checkChoice, OptionError } from "../common/OptionError.js"
import { createRandom } from "../common/RandomSource.js"
import type { Endpoint } from "../log/Log.js"
import { type Fault, faultInWords, type ResolvedFault, resolveFault } from "./Fault.js"
import { faultCatalog } from "./faultCatalog.js"

/** `refresh`: a token request with the refresh token grant. */
export type FaultTarget = Endpoint | "refresh" | "any"

/** A request that has come, as far as a fault can be chosen by it. */
export interface Arrival {
  readonly endpoint: Endpoint
  readonly isRefresh: boolean
}

/** A stream of faults at random, the same for the same seed. */
export interface Schedule {
  /** Default: `token`. */
  readonly target?: FaultTarget
  /** Share of the requests that meet a fault: 0 to 1. Default: 0.3. */
  readonly rate?: number
  /** Default: those of the catalogue that pass by themselves and answer at once. */
  readonly faults?: readonly Fault[]
}

/** What `hold` takes. */
export interface HoldOptions {
  /** Default: `token`. */
  readonly target?: FaultTarget
  /** Before the provider sees the request, or after it has decided and before it replies. Default: `beforeGrant`. */
  readonly at?: "beforeGrant" | "afterCommit"
}

/** Requests wait here until `release`. */
export interface Barrier {
  /** How many wait now. */
  readonly waiting: number
  /** Fulfilled when as many have come as were asked for. */
  readonly full: Promise<void>
  /** Lets them go on, in the order in which they came, and later ones pass. */
  release(): void
}

/** A test's handle on what goes wrong. `next` comes before `always`, and that before `schedule`. */
export interface Faults {
  /** The next requests to that endpoint meet these faults, one each, in this order. */
  next(target: FaultTarget, ...faults: readonly Fault[]): void
  /** Every request meets this fault, until the result is called. */
  always(target: FaultTarget, fault: Fault): () => void
  /** Requests meet faults by chance, the same ones for the same seed, until the result is called. */
  schedule(seed: string | number, schedule?: Schedule): () => void
  /** Parks requests; `full` tells when `count` have come. */
  hold(count: number, options?: HoldOptions): Barrier
  /** No fault is left, and nothing is parked. */
  clear(): void
}

export interface FaultPlan extends Faults {
  /** Faults that were ordered for a next request and have not been met, in plain words. */
  readonly pending: readonly string[]
  /** The fault for a request that has just arrived, which is then used up. */
  take(arrival: Arrival): ResolvedFault | undefined
  /** Whether a request would be parked anywhere. */
  holds(arrival: Arrival): boolean
  /** Fulfilled when the request may go on. */
  park(arrival: Arrival, at: "beforeGrant" | "afterCommit"): Promise<void> | undefined
}

/** Every target, for where one is written as text. */
export const faultTargets: readonly FaultTarget[] = [
  "authorize",
  "token",
  "refresh",
  "account",
  "path",
  "any",
]

const checkTarget = (path: string, target: unknown): FaultTarget => checkChoice(path, target, faultTargets)

const matches = (target: FaultTarget, arrival: Arrival): boolean =>
  target === "any" || target === arrival.endpoint || (target === "refresh" && arrival.isRefresh)

const transient = [
  "reset",
  "close",
  "lostReply",
  "halfReply",
  "replacedReply",
  "badGateway",
  "serverError",
  "unavailable",
] as const

interface Hold {
  readonly target: FaultTarget
  readonly at: "beforeGrant" | "afterCommit"
  readonly parked: Array<() => void>
  readonly come: () => void
}

export const createFaults = (): FaultPlan => {
  const queue: Array<{ readonly target: FaultTarget; readonly fault: ResolvedFault }> = []
  const standing = new Set<(arrival: Arrival) => ResolvedFault | undefined>()
  const chance = new Set<(arrival: Arrival) => ResolvedFault | undefined>()
  const holds = new Set<Hold>()

  const release = (hold: Hold) => {
    holds.delete(hold)
    for (const go of hold.parked.splice(0)) go()
  }

  const addTo = (set: typeof standing, pick: (arrival: Arrival) => ResolvedFault | undefined) => {
    set.add(pick)
    return () => {
      set.delete(pick)
    }
  }

  return {
    next: (target, ...faults) => {
      const checked = checkTarget("faults.next", target)
      for (const fault of faults) queue.push({ target: checked, fault: resolveFault("faults.next", fault) })
    },
    always: (target, fault) => {
      const checked = checkTarget("faults.always", target)
      const resolved = resolveFault("faults.always", fault)
      return addTo(standing, (arrival) => (matches(checked, arrival) ? resolved : undefined))
    },
    schedule: (
      seed,
      { target = "token", rate = 0.3, faults = transient.map((name) => faultCatalog[name]) } = {},
    ) => {
      const checked = checkTarget("faults.schedule.target", target)
      if (!(rate >= 0 && rate <= 1))
        throw new OptionError("faults.schedule.rate", rate, "a number from 0 to 1")
      if (faults.length === 0) throw new OptionError("faults.schedule.faults", faults, "at least one fault")
      const resolved = faults.map((fault, index) => resolveFault(`faults.schedule.faults[${index}]`, fault))
      const random = createRandom(seed)
      return addTo(chance, (arrival) => {
        if (!matches(checked, arrival) || random.fraction() >= rate) return undefined
        return resolved[Math.floor(random.fraction() * resolved.length)]
      })
    },
    hold: (count, { target = "token", at = "beforeGrant" } = {}) => {
      if (!Number.isInteger(count) || count < 1)
        throw new OptionError("faults.hold", count, "a whole number of at least 1")
      const parked: Array<() => void> = []
      let fill = () => {}
      const full = new Promise<void>((resolve) => {
        fill = resolve
      })
      let come = 0
      const hold: Hold = {
        target: checkTarget("faults.hold.target", target),
        at: checkChoice("faults.hold.at", at, ["beforeGrant", "afterCommit"]),
        parked,
        come: () => {
          come += 1
          if (come >= count) fill()
        },
      }
      holds.add(hold)
      return {
        get waiting() {
          return parked.length
        },
        full,
        release: () => release(hold),
      }
    },
    clear: () => {
      queue.length = 0
      standing.clear()
      chance.clear()
      for (const hold of [...holds]) release(hold)
    },
    get pending() {
      return queue.map(({ target, fault }) => `The next ${target} request: ${faultInWords(fault)}.`)
    },
    take: (arrival) => {
      if (queue.length > 0) {
        const index = queue.findIndex(({ target }) => matches(target, arrival))
        if (index >= 0) return queue.splice(index, 1)[0]?.fault
      }
      for (const picks of [standing, chance]) {
        for (const pick of picks) {
          const fault = pick(arrival)
          if (fault !== undefined) return fault
        }
      }
      return undefined
    },
    holds: (arrival) => {
      for (const { target } of holds) if (matches(target, arrival)) return true
      return false
    },
    park: (arrival, at) => {
      for (const hold of holds) {
        if (hold.at === at && matches(hold.target, arrival)) {
          return new Promise((resolve) => {
            hold.parked.push(resolve)
            hold.come()
          })
        }
      }
      return undefined
    },
  }
}
