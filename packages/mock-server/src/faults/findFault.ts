/** Finds faults by name, for JSON and command line flags. */

import { OptionError } from "../common/OptionError.js"
import type { Fault } from "./Fault.js"
import { faultCatalog, malformedReplies } from "./faultCatalog.js"

/** A fault, or its name in `faultCatalog` or `malformedReplies`. */
export type FaultOrName = Fault | string

const named = (name: string): Fault | undefined =>
  Object.hasOwn(faultCatalog, name)
    ? faultCatalog[name as keyof typeof faultCatalog]
    : malformedReplies.find((response) => response.name === name)?.fault

/** Fails with an `OptionError` if no fault has that name; a fault object is checked where it is used. */
export const findFault = (path: string, fault: FaultOrName): Fault => {
  if (typeof fault !== "string") return fault
  const found = named(fault)
  if (found !== undefined) return found
  throw new OptionError(
    path,
    fault,
    `a fault as JSON, or the name of one: ${Object.keys(faultCatalog).join(", ")}`,
  )
}
