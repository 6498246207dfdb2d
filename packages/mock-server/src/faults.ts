/** Which fault the next request meets. */
import { type Fault, type ResolvedFault, resolveFault } from "./fault.js"
import type { Endpoint } from "./log.js"
import { checkChoice } from "./option-error.js"

export type FaultTarget = Endpoint | "any"

/** A test's handle on what goes wrong. */
export interface Faults {
  /** The next requests to that endpoint meet these faults, one each, in this order. */
  next(target: FaultTarget, ...faults: readonly Fault[]): void
  /** No fault is left. */
  clear(): void
}

export interface FaultPlan extends Faults {
  /** The fault for a request that has just arrived, which is then used up. */
  take(endpoint: Endpoint): ResolvedFault | undefined
}

interface Planned {
  readonly target: FaultTarget
  readonly fault: ResolvedFault
}

export const createFaults = (): FaultPlan => {
  const queue: Planned[] = []
  return {
    next: (target, ...faults) => {
      const checked = checkChoice("faults.next", target, ["authorize", "token", "account", "any"])
      for (const fault of faults) queue.push({ target: checked, fault: resolveFault("faults.next", fault) })
    },
    clear: () => {
      queue.length = 0
    },
    take: (endpoint) => {
      if (queue.length === 0) return undefined
      const index = queue.findIndex(({ target }) => target === endpoint || target === "any")
      return index < 0 ? undefined : queue.splice(index, 1)[0]?.fault
    },
  }
}
