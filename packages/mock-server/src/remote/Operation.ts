/** What an operation of the remote control is, and what operations share. */

import type { ChangeFeed } from "../common/ChangeFeed.js"
import type { Barrier } from "../faults/Faults.js"
import type { Controls } from "../server/Controls.js"
import { object, type Schema } from "./schema.js"

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
  readonly input: Schema | undefined
  readonly output: Schema
  /** The input fits its schema. */
  run(remote: Remote, input: unknown): unknown
}

/** Reads one thing; the reply has it under the name that it has in the API. */
export const read = (
  tag: Operation["tag"],
  summary: string,
  name: string,
  schema: Schema,
  get: (remote: Remote) => unknown,
): Operation => ({
  method: "get",
  tag,
  summary,
  input: undefined,
  output: object({ [name]: schema }, [name]),
  run: (remote) => ({ [name]: get(remote) }),
})

/** Does something. `Input` is what the schema says, which is checked before. */
export const act = <Input extends object>(
  tag: Operation["tag"],
  summary: string,
  input: Schema,
  output: Schema,
  run: (remote: Remote, input: Input) => unknown,
): Operation => ({
  method: "post",
  tag,
  summary,
  input,
  output,
  run: (remote, given) => run(remote, given as Input),
})

export const nothing = object({})

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
