/** A row of the matrix: something that happens, and what each peer does then. */
import type { Peer } from "../peers/Peer.ts"

export const notOffered = "not offered"

export interface Row {
  readonly id: string
  readonly group: string
  /** What happens, and, after a colon, what is observed. */
  readonly title: string
  /** May take tens of seconds: left out of a quick run. */
  readonly isLong?: boolean
  /** Waits for the rows before it, and is alone. */
  readonly movesClock?: boolean
  readonly observe: (peer: Peer) => Promise<string>
}

export interface Observed {
  readonly id: string
  readonly observed: string
}

/** Known when all the others are over. */
type Summary = Pick<Row, "id" | "group" | "title">

export const outputRow: Summary = {
  id: "ownOutput",
  group: "Secrets",
  title: "what the library itself printed during all rows",
}

export const rejectionsRow: Summary = {
  id: "rejections",
  group: "Secrets",
  title: "rejections that nobody could catch, during all rows",
}
