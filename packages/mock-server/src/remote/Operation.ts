/** Operations of the remote control: their type, and helpers to define them. */

import * as z from "zod"
import type { ChangeFeed } from "../common/ChangeFeed.js"
import type { Barrier } from "../faults/Faults.js"
import type { Controls } from "../server/Controls.js"
import { checkInput } from "./checkInput.js"

/** The state that operations act on. Where the TypeScript API returns a function, an operation returns an id. */
export interface Remote {
  readonly controls: Controls
  readonly changes: ChangeFeed
  /** By id: ends a fault of `faults/always` or `faults/schedule`. */
  readonly endings: Map<string, () => void>
  readonly barriers: Map<string, Barrier>
}

export interface Operation {
  readonly method: "get" | "post"
  readonly tag: "Server" | "Clock" | "Faults" | "Authorization" | "Reports"
  readonly summary: string
  readonly input: z.ZodType | undefined
  readonly output: z.ZodType
  /** Fails with an `OptionError`, whose path begins with `name`, if the input does not match its schema. */
  run(remote: Remote, name: string, input: unknown): unknown
}

/** Defines an operation that reads a value, with the same name as in the TypeScript API. */
export const read = (
  tag: Operation["tag"],
  summary: string,
  name: string,
  schema: z.ZodType,
  get: (remote: Remote) => unknown,
): Operation => ({
  method: "get",
  tag,
  summary,
  input: undefined,
  output: z.strictObject({ [name]: schema }),
  run: (remote) => ({ [name]: get(remote) }),
})

/** Defines an operation that changes the server. */
export const act = <Input extends object>(
  tag: Operation["tag"],
  summary: string,
  input: z.ZodType<Input>,
  output: z.ZodType,
  run: (remote: Remote, input: Input) => unknown,
): Operation => ({
  method: "post",
  tag,
  summary,
  input,
  output,
  run: (remote, name, given) => run(remote, checkInput(name, input, given)),
})

export const nothing = z.strictObject({})

/** More than any test needs at the same time. */
const capacity = 1_000

let ids = 0

/** Stores a value and returns its id; deletes the oldest if there are too many. */
export const keep = <T>(kept: Map<string, T>, value: T): string => {
  ids += 1
  const id = String(ids)
  kept.set(id, value)
  for (const oldest of kept.keys()) {
    if (kept.size <= capacity) break
    kept.delete(oldest)
  }
  return id
}
