/** `observe PEER [quick]`: every row of the matrix for one library; a line of JSON for each. */
import { inspect } from "node:util"
import { peers } from "../peers/index.ts"
import { installClock } from "./clock.ts"
import { describeError } from "./describe.ts"
import { allSecrets } from "./Login.ts"
import { type Observed, outputRow, type Row, rejectionsRow } from "./Row.ts"
import { rows } from "./rows.ts"

const [, , name, form] = process.argv
const peer = peers.find((each) => each.name === name)
if (peer === undefined) throw new Error(`observe takes one of ${peers.map((each) => each.name).join(", ")}`)

const faults = new Set<string>()
process.on("unhandledRejection", (reason) => faults.add(describeError(reason)))
process.on("uncaughtException", (error) => faults.add(describeError(error)))

let output = ""
for (const method of ["log", "info", "warn", "error", "debug"] as const) {
  console[method] = (...values: readonly unknown[]) => {
    output += `${values.map((value) => (typeof value === "string" ? value : inspect(value))).join(" ")}\n`
  }
}

const tell = (observed: Observed): void => {
  process.stdout.write(`${JSON.stringify(observed)}\n`)
}

const observe = async ({ id, observe }: Row): Promise<void> => {
  try {
    tell({ id, observed: await observe(peer) })
  } catch (error) {
    process.stderr.write(`${peer.name}, ${id}: ${inspect(error)}\n`)
    process.exit(1)
  }
}

const wanted = rows.filter(({ isLong }) => !(isLong === true && form === "quick"))
await Promise.all(wanted.filter(({ movesClock }) => movesClock !== true).map(observe))
installClock()
for (const row of wanted.filter(({ movesClock }) => movesClock === true)) await observe(row)

const printed = Object.entries(allSecrets())
  .filter(([, secrets]) => secrets.some((secret) => output.includes(secret)))
  .map(([kind]) => kind)
tell({ id: outputRow.id, observed: output === "" ? "prints nothing" : printed.join(", ") || "no secret" })
tell({ id: rejectionsRow.id, observed: [...faults].join(", ") || "none" })
process.exit()
