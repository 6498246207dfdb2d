/** Which fault the next request gets, and which requests are held. */

import { checkChoice, OptionError } from "../common/OptionError.js"
import { createRandom } from "../common/RandomSource.js"
import type { Endpoint } from "../log/Log.js"
import { type Fault, faultInWords, type ResolvedFault, resolveFault } from "./Fault.js"
import { faultCatalog } from "./faultCatalog.js"

/** `refresh`: a token request with the refresh token grant. */
export type FaultTarget = Endpoint | "refresh" | "any"

/** The properties of a request by which a fault is chosen. */
export interface Arrival {
  readonly endpoint: Endpoint
  readonly isRefresh: boolean
}

/** Options of random faults. */
export interface Schedule {
  /** Default: `token`. */
  readonly target?: FaultTarget
  /** Share of the requests that get a fault: 0 to 1. Default: 0.3. */
  readonly rate?: number
  /** Default: the temporary faults of `faultCatalog` that end at once. */
  readonly faults?: readonly Fault[]
}

/** Options of `hold`. */
export interface HoldOptions {
  /** Default: `token`. */
  readonly target?: FaultTarget
  /** Before the provider processes the request, or after that and before the response is sent. Default: `beforeGrant`. */
  readonly at?: "beforeGrant" | "afterCommit"
}

/** Holds requests until `release`. */
export interface Barrier {
  /** How many requests are held now. */
  readonly waiting: number
  /** Fulfilled when `count` requests have arrived. */
  readonly full: Promise<void>
  /** Continues the held requests in the order in which they arrived; later requests are not held. */
  release(): void
}

/** Injects faults. `next` takes precedence over `always`, and `always` over `schedule`. */
export interface Faults {
  /** The next requests to that endpoint get these faults, one each, in this order. */
  next(target: FaultTarget, ...faults: readonly Fault[]): void
  /** Every request gets this fault, until the returned function is called. */
  always(target: FaultTarget, fault: Fault): () => void
  /** Requests get random faults, the same ones for the same seed, until the returned function is called. */
  schedule(seed: string | number, schedule?: Schedule): () => void
  /** Holds requests; `full` is fulfilled when `count` requests have arrived. */
  hold(count: number, options?: HoldOptions): Barrier
  /** Removes all faults and continues all held requests. */
  clear(): void
}

export interface FaultPlan extends Faults {
  /** Faults that were planned with `next` and not used yet, in plain words. */
  readonly pending: readonly string[]
  /** The fault for a request that has just arrived; a fault of `next` is then used up. */
  take(arrival: Arrival): ResolvedFault | undefined
  /** Whether a request would be held. */
  holds(arrival: Arrival): boolean
  /** Fulfilled when the request may continue. */
  park(arrival: Arrival, at: "beforeGrant" | "afterCommit"): Promise<void> | undefined
}

/** All targets, for command line flags and JSON. */
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
  readonly onArrival: () => void
}

export const createFaults = (): FaultPlan => {
  const queue: Array<{ readonly target: FaultTarget; readonly fault: ResolvedFault }> = []
  const standing = new Set<(arrival: Arrival) => ResolvedFault | undefined>()
  const chance = new Set<(arrival: Arrival) => ResolvedFault | undefined>()
  const holds = new Set<Hold>()

  const release = (hold: Hold) => {
    holds.delete(hold)
    for (const resume of hold.parked.splice(0)) resume()
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
      let arrived = 0
      const hold: Hold = {
        target: checkTarget("faults.hold.target", target),
        at: checkChoice("faults.hold.at", at, ["beforeGrant", "afterCommit"]),
        parked,
        onArrival: () => {
          arrived += 1
          if (arrived >= count) fill()
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
            hold.onArrival()
          })
        }
      }
      return undefined
    },
  }
}
