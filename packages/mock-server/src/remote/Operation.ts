/** What an operation of the remote control is, and what operations share. */

import * as z from "zod"
import type { ChangeFeed } from "../common/ChangeFeed.js"
import type { Barrier } from "../faults/Faults.js"
import type { Controls } from "../server/Controls.js"
import { checkInput } from "./checkInput.js"

/** What an operation acts on. A function that the API returns is an id here. */
export interface Remote {
  readonly controls: Controls
  readonly changes: ChangeFeed
  /** What ends a lasting fault. */
  readonly endings: Map<string, () => void>
  readonly barriers: Map<string, Barrier>
}

export interface Operation {
  readonly method: "get" | "post"
  readonly tag: "Server" | "Clock" | "Faults" | "Authorization" | "Reports"
  readonly summary: string
  readonly input: z.ZodType | undefined
  readonly output: z.ZodType
  /** Fails with an `OptionError`, whose path begins with `name`, where the input does not fit its schema. */
  run(remote: Remote, name: string, input: unknown): unknown
}

/** Reads one thing; the response has it under the name that it has in the API. */
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

/** Does something. */
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

/** More than any test has open at a time. */
const capacity = 1_000

let ids = 0

/** Keeps something until it is asked for by its id, and the newest ones if too many are kept. */
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
