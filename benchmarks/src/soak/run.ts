/**
 * `pnpm soak [--minutes 10]`: a steady load on many sessions whose tokens live for seconds, in one process with its
 * tokens in memory and in several on one SQLite file. Writes what it found to results; fails if a user was signed out.
 */
import { type ChildProcess, fork } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { createMockServer } from "@ellipsis-oauth/mock-server"
import * as Plot from "@observablehq/plot"
import { bundleProgram } from "../../../packages/node/test/processes/bundleProgram.ts"
import { describeMachine, load, machineLine } from "../harness/machine.ts"
import { plot } from "../harness/plot.ts"
import { number, table } from "../harness/table.ts"
import { updateReadme } from "../harness/updateReadme.ts"
import type { Sample, SoakMessage, SoakSetup } from "./worker.ts"

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    /** In the process with its tokens in memory, and as many for the others together. */
    sessions: { type: "string", default: "200" },
    processes: { type: "string", default: "4" },
    /** Calls a second, of each process. */
    rate: { type: "string", default: "50" },
    /** Of an access token, in seconds. */
    lifetime: { type: "string", default: "60" },
    /** Where the results go. */
    results: { type: "string" },
  },
})
const minutes = Number(values.minutes)
const processes = Number(values.processes)
const sampleEvery = Math.max(1000, (minutes * 60_000) / 120)
const loadBefore = load()

const folder = mkdtempSync(join(tmpdir(), "ellipsis-oauth-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
const program = join(folder, "worker.cjs")
await bundleProgram(new URL("worker.ts", import.meta.url), program)

const server = await createMockServer({
  accessTokenLifetime: `${Number(values.lifetime)} seconds`,
  rotation: "always",
  codeParameter: "code",
}).listen()

interface Point extends Sample {
  readonly process: string
  /** Seconds since the load began. */
  readonly second: number
}

const points: Point[] = []
const children: ChildProcess[] = []

const start = async (
  name: string,
  setup: Omit<SoakSetup, "origin" | "rate" | "sampleEvery">,
): Promise<void> => {
  const given: SoakSetup = { ...setup, origin: server.url, rate: Number(values.rate), sampleEvery }
  const child = fork(program, [JSON.stringify(given)], { execArgv: ["--expose-gc"] })
  children.push(child)
  let second = 0
  await new Promise<void>((resolve, reject) => {
    child.on("exit", (code) => reject(new Error(`${name} ended with ${code}`)))
    child.on("message", (message: SoakMessage) => {
      if (message.type === "ready") return resolve()
      const { type: _, ...sample } = message
      second += sampleEvery / 1000
      points.push({ process: name, second, ...sample })
    })
  })
}

const users = Array.from({ length: Number(values.sessions) }, (_, index) => `user-${index}`)
const path = join(folder, "tokens.db")
const inMemory = "one process, in memory"
await start(inMemory, { users, logsIn: true })
const shared = Array.from({ length: processes }, (_, index) => `process ${index + 1}, on SQLite`)
for (const [index, name] of shared.entries()) await start(name, { path, users, logsIn: index === 0 })

for (const child of children) child.send("go")
await new Promise((resolve) => setTimeout(resolve, minutes * 60_000 + 1500))
for (const child of children) {
  child.removeAllListeners("exit")
  child.kill("SIGKILL")
}
await server.close()

const names = [inMemory, ...shared]
const of = (name: string): readonly Point[] => points.filter((point) => point.process === name)
const sum = (name: string, read: (point: Point) => number): number =>
  of(name).reduce((total, point) => total + read(point), 0)
const most = (name: string, read: (point: Point) => number): number => Math.max(...of(name).map(read))
const megabytes = (bytes: number): string => number(bytes / 1e6, 1)
const part = (name: string, from: number, to: number, read: (point: Point) => number): number => {
  const all = of(name)
  const taken = all.slice(Math.floor(all.length * from), Math.ceil(all.length * to)).map(read)
  return taken.toSorted((a, b) => a - b)[Math.floor(taken.length / 2)] ?? Number.NaN
}
const errorsOf = (name: string): Record<string, number> => {
  const found: Record<string, number> = {}
  for (const { errors } of of(name)) {
    for (const [error, count] of Object.entries(errors)) found[error] = (found[error] ?? 0) + count
  }
  return found
}

const rows = names.map((name) => [
  name,
  number(sum(name, ({ tokens }) => tokens)),
  number(sum(name, ({ refreshes }) => refreshes)),
  number(sum(name, ({ requests }) => requests)),
  Object.entries(errorsOf(name))
    .map(([error, count]) => `${error}: ${count}`)
    .join(", ") || "0",
  number(sum(name, ({ signedOut }) => signedOut)),
  number(most(name, ({ longest }) => longest)),
  `${megabytes(part(name, 0.1, 0.3, ({ heap }) => heap))} → ${megabytes(part(name, 0.8, 1, ({ heap }) => heap))}`,
  `${megabytes(part(name, 0.1, 0.3, ({ memory }) => memory))} → ${megabytes(part(name, 0.8, 1, ({ memory }) => memory))}`,
  `${part(name, 0.1, 0.3, ({ handles }) => handles)} → ${part(name, 0.8, 1, ({ handles }) => handles)}`,
  `${part(name, 0.1, 0.3, ({ descriptors }) => descriptors)} → ${part(name, 0.8, 1, ({ descriptors }) => descriptors)}`,
])
const head = [
  "process",
  "tokens handed out",
  "refreshes",
  "requests sent",
  "errors",
  "signed out",
  "longest wait, ms",
  "heap, MB",
  "memory, MB",
  "handles",
  "descriptors",
]

const sharing = `${processes} processes, on SQLite`
const kindOf = ({ process: name }: Point): string => (name === inMemory ? inMemory : sharing)

const lines = (read: (point: Point) => number, label: string): string => {
  const minute = (point: Point): number => point.second / 60
  return plot({
    width: 760,
    height: 260,
    marginTop: 30,
    x: { label: "minutes" },
    y: { label, zero: true, grid: true },
    color: { domain: [inMemory, sharing], range: ["#2563eb", "#f59e0b"] },
    marks: [
      Plot.line(points, { x: minute, y: read, z: "process", stroke: kindOf }),
      Plot.text([inMemory], { frameAnchor: "top-right", text: String, fill: "#2563eb", dy: -14, dx: -170 }),
      Plot.text([sharing], { frameAnchor: "top-right", text: String, fill: "#f59e0b", dy: -14 }),
    ],
  })
}

const plots = {
  heap: lines(({ heap }) => heap / 1e6, "heap after a collection, MB"),
  handles: lines(({ handles }) => handles, "handles"),
  refreshes: lines(({ refreshes }) => refreshes / (sampleEvery / 1000), "refreshes a second"),
}
const machine = describeMachine(loadBefore)
const text = `# Soak

${machineLine(machine)}

To repeat: \`pnpm soak --minutes ${minutes}\`.

${number(users.length)} users whose tokens live for ${values.lifetime} seconds, at a provider that replaces each refresh token and ends the login of one that is used again, for ${number(minutes, minutes < 1 ? 1 : 0)} minutes: in one process with its tokens in memory, and, beside it, ${number(users.length)} in ${processes} processes on one SQLite file. Each process asks for the tokens of random users ${values.rate} times a second. Of memory and handles: the median of the time from a tenth to three tenths of the run, and of its last fifth.

${table(head, rows)}

${Object.keys(plots)
  .map((name) => `![${name} over time](soak-${name}.svg)`)
  .join("\n\n")}
`
const results = values.results ?? join(import.meta.dirname, "../../results")
mkdirSync(results, { recursive: true })
for (const [name, svg] of Object.entries(plots)) writeFileSync(join(results, `soak-${name}.svg`), svg)
writeFileSync(join(results, "soak.md"), text)
writeFileSync(
  join(results, "soak.json"),
  `${JSON.stringify({ machine, options: { ...values, results: undefined }, points })}\n`,
)
console.log(text)
if (values.results === undefined) updateReadme()

const signedOut = names.reduce((total, name) => total + sum(name, (point) => point.signedOut), 0)
process.exit(signedOut === 0 ? 0 : 1)
