/** The clock of the leases on one machine. It does not jump when the wall clock is set. */
import { randomUUID } from "node:crypto"
import { readFileSync, readlinkSync } from "node:fs"

export interface MachineClock {
  /** Two times can be compared only if this id is the same. */
  readonly id: string
  /** Whole milliseconds. */
  readonly now: () => number
}

let found: MachineClock | undefined

export const machineClock = (): MachineClock => {
  found ??= { id: bootId() ?? `process ${randomUUID()}`, now: monotonic }
  return found
}

/** The machine's monotonic clock, which counts from the start of the machine and is the same in all processes. */
const monotonic = (): number => Number(process.hrtime.bigint() / 1_000_000n)

/** `undefined` if the clocks of two processes may have started at different times. */
const bootId = (): string | undefined => {
  const { bun, deno } = process.versions
  // Bun and Deno count from the start of the process.
  if (process.platform !== "linux" || bun !== undefined || deno !== undefined) return undefined
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()
    return /^[\da-f-]{36}$/.test(boot) ? `${boot} ${timeNamespace()}` : undefined
  } catch {
    return undefined
  }
}

/** A container may have its own monotonic clock (time_namespaces(7)). */
const timeNamespace = (): string => {
  try {
    return readlinkSync("/proc/self/ns/time")
  } catch {
    return "time:[]"
  }
}
