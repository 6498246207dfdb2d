/**
 * Tries to lose logins: the released `oidc-provider` behind a proxy that breaks refreshes, four processes of this client
 * that are killed at random, and callers that stop waiting. Writes what it found to results; fails where a login was
 * lost that could have been kept.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import * as Plot from "@observablehq/plot"
import { bundleProgram } from "../../../packages/node/test/processes/bundleProgram.ts"
import { hasPostgres, hasRedis } from "../../../packages/node/test/stores/servers.ts"
import { describeMachine, load, machineLine } from "../harness/machine.ts"
import { plot } from "../harness/plot.ts"
import { number, table } from "../harness/table.ts"
import { updateReadme } from "../harness/updateReadme.ts"
import { type ChaosReport, runChaos } from "./runChaos.ts"
import { type CrowdReport, runCrowd } from "./runCrowd.ts"
import { storeKinds } from "./stores.ts"

const { values } = parseArgs({
  options: {
    refreshes: { type: "string", default: "3000" },
    stores: { type: "string", default: storeKinds.join(",") },
    users: { type: "string", default: "100" },
    workers: { type: "string", default: "4" },
    processes: { type: "string", default: "200" },
    timeout: { type: "string", default: "2000" },
    deadline: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    faults: { type: "string", default: "1" },
    /** Where the results go. */
    results: { type: "string" },
  },
})

/** One caller in this many may meet a retryable error that no fault explains. */
const callersPerError = 200

const has = { SQLite: () => true, Postgres: hasPostgres, Redis: hasRedis } as const

const loadBefore = load()
const folder = mkdtempSync(join(tmpdir(), "ellipsis-oauth-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
const program = join(folder, "worker.cjs")
await bundleProgram(new URL("./worker.ts", import.meta.url), program)

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, each) => total + each, 0)

const judge = (report: ChaosReport): ChaosReport => {
  const others = sum(report.otherErrors)
  return others * callersPerError <= report.callers
    ? report
    : {
        ...report,
        defects: [
          ...report.defects,
          `${others} of ${report.callers} callers met an error that no fault explains`,
        ],
      }
}

const chaos: ChaosReport[] = []
const wanted = values.stores.split(",").map((name) => name.trim().toLowerCase())
for (const kind of storeKinds) {
  if (!wanted.includes(kind.toLowerCase()) || !has[kind]()) continue
  const report = judge(
    await runChaos(kind, {
      program,
      refreshes: Number(values.refreshes),
      users: Number(values.users),
      workers: Number(values.workers),
      timeout: Number(values.timeout),
      deadline: Number(values.deadline),
      seed: Number(values.seed),
      faultRate: Number(values.faults),
    }),
  )
  chaos.push(report)
  console.log(`${kind}: ${number(report.refreshes)} refreshes, ${report.defects.length} defects`)
}
const crowd: CrowdReport | undefined =
  Number(values.processes) > 0 ? await runCrowd(program, Number(values.processes)) : undefined

type Row = readonly [name: string, read: (report: ChaosReport) => string]

/** A row for each name that any store has. */
const rowsOf = (
  title: string,
  read: (report: ChaosReport) => Readonly<Record<string, number>>,
): readonly Row[] => {
  const names = [...new Set(chaos.flatMap((report) => Object.keys(read(report))))].toSorted()
  const total: Row = [title, (report) => number(sum(read(report)))]
  return [total, ...names.map((name): Row => [`  ${name}`, (report) => number(read(report)[name] ?? 0)])]
}

const rows: readonly Row[] = [
  ["seconds", ({ seconds }) => number(seconds)],
  ["refreshes", ({ refreshes }) => number(refreshes)],
  ["refreshes/s", ({ refreshesPerSecond }) => number(refreshesPerSecond, 1)],
  ["processes killed", ({ kills }) => number(kills)],
  ["processes stopped", ({ stops }) => number(stops)],
  ...rowsOf("injected faults", ({ faults }) => faults),
  ["callers", ({ callers }) => number(callers)],
  ["callers that stopped waiting", ({ aborted }) => number(aborted)],
  ["longest wait of a caller, ms", ({ longestWait }) => number(longestWait)],
  ...rowsOf("retryable errors after a fault", ({ errorsByFault }) => errorsByFault),
  ...rowsOf("other retryable errors", ({ otherErrors }) => otherErrors),
  ...rowsOf("lost logins", ({ lostLogins }) => lostLogins),
  ["defects", ({ defects }) => number(defects.length)],
]
const crowdLine =
  crowd === undefined
    ? ""
    : `${crowd.processes} processes at once on one expired token (SQLite): ${crowd.served} served, ${crowd.refreshes} refresh, ` +
      `${number(crowd.seconds, 1)} s in all, longest wait ${number(crowd.longestWait)} ms; once more on the fresh token: ${number(crowd.secondsFresh, 1)} s.\n`

const shown = [
  "injected faults",
  "processes killed",
  "processes stopped",
  "retryable errors after a fault",
  "other retryable errors",
  "lost logins",
  "defects",
] as const
const bars = chaos.flatMap((report) =>
  rows
    .filter(([name]) => shown.some((each) => each === name))
    .map(([name, read]) => ({ store: report.store, name, count: Number(read(report).replaceAll(",", "")) })),
)
const svg = plot({
  width: 760,
  height: 60 + 170 * chaos.length,
  marginLeft: 190,
  x: { label: "times", grid: true },
  y: { label: null, domain: shown },
  fy: { label: null },
  marks: [
    Plot.barX(bars, { x: "count", y: "name", fy: "store", fill: "#2563eb" }),
    Plot.text(bars, { x: "count", y: "name", fy: "store", text: "count", textAnchor: "start", dx: 4 }),
  ],
})
const machine = describeMachine(loadBefore)
const text = `# Chaos

${machineLine(machine)}

To repeat: \`pnpm chaos\`.

The released \`oidc-provider\`, which replaces each refresh token and ends a login whose old one is used again, behind a proxy that breaks refreshes; ${values.workers} processes with ${values.users} users between them, killed and stopped at random. A lost login counts as a defect unless the only copy of its refresh token was lost on the way.

${table(
  ["", ...chaos.map(({ store }) => store)],
  rows.map(([name, read]) => [name.replace(/^ +/, "– "), ...chaos.map(read)]),
)}

${crowdLine}
![Faults, and what came of them](chaos-callers.svg)
`
console.log(text)
const results = values.results ?? join(import.meta.dirname, "../../results")
mkdirSync(results, { recursive: true })
writeFileSync(join(results, "chaos.md"), text)
writeFileSync(join(results, "chaos-callers.svg"), svg)
writeFileSync(
  join(results, "chaos.json"),
  `${JSON.stringify({ machine, options: { ...values, results: undefined }, chaos, crowd }, null, 2)}\n`,
)
const defects = [...chaos, ...(crowd === undefined ? [] : [crowd])].flatMap((report) => report.defects)
for (const defect of defects.slice(0, 20)) console.error(`DEFECT ${defect}`)
if (values.results === undefined) updateReadme()
process.exit(defects.length === 0 ? 0 : 1)
