/**
 * The mock server beside released ones and beside bare `node:http`, in one run: prints a table and writes it to
 * results/mock-server.md. Rounds alternate between the servers, and the best result of each counts: other work on
 * the machine can only make a result worse.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { arch, availableParallelism, cpus, loadavg, platform } from "node:os"
import { join } from "node:path"
import { buildPrograms, runProgram, startServer } from "./programs.ts"
import { requestToken } from "./tokenRequest.ts"

const { devDependencies: versions } = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../package.json"), "utf8"),
)

const servers = [
  { name: "bare `node:http`, no OAuth", program: "bareHttp", startStop: "bareHttp" },
  {
    name: "the same, with a refresh token in each response",
    program: "bareHttp always",
    startStop: undefined,
  },
  { name: "**@ellipsis-oauth/mock-server**", program: "mockServer", startStop: "mockServerListening" },
  { name: "the same, rotating every token", program: "mockServer always", startStop: undefined },
  { name: `oidc-provider ${versions["oidc-provider"]}`, program: "oidcProvider", startStop: "oidcProvider" },
  {
    name: `oauth2-mock-server ${versions["oauth2-mock-server"]}`,
    program: "oauth2MockServer",
    startStop: "oauth2MockServer",
  },
]

interface Load {
  readonly perSecond: number
  readonly responses: number
  readonly p50: number
  readonly p99: number
  readonly failed: number
}

interface Measured extends Load {
  /** Of the server, in microseconds. */
  readonly processorTime: number
}

const rounds = Number(process.argv[2] ?? 9)
const loads: number[] = []
const watchLoad = () => loads.push(loadavg()[0] ?? Number.NaN)

const measureLoad = async (program: string, connections: number, seconds: number): Promise<Measured> => {
  const server = await startServer(program)
  const args = [JSON.stringify(server), String(connections), String(seconds)]
  const load = await runProgram<Load>("load", ...args)
  const { processorTime } = await server.stop()
  return { ...load, processorTime: processorTime / load.responses }
}

/** From the start of the process to the end of its first token response, in milliseconds. */
const measureColdStart = async (program: string): Promise<number> => {
  const before = performance.now()
  const server = await startServer(program)
  await requestToken(server.url, server.logins[0] ?? "")
  const after = performance.now()
  await server.stop()
  return after - before
}

const best = (values: readonly number[], of: "least" | "most"): number =>
  of === "least" ? Math.min(...values) : Math.max(...values)

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

/** Runs every measurement once a round, so that other load on the machine affects all of them. */
const alternate = async <K, T>(
  count: number,
  keys: readonly K[],
  measure: (key: K) => Promise<T>,
): Promise<ReadonlyMap<K, readonly T[]>> => {
  const results = new Map<K, T[]>(keys.map((key) => [key, []]))
  for (let round = 0; round < count; round++) {
    for (const key of keys) {
      results.get(key)?.push(await measure(key))
      watchLoad()
    }
  }
  return results
}

const number = (value: number, digits = 0): string =>
  value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })

const table = (head: readonly string[], rows: ReadonlyArray<readonly string[]>): string =>
  [head, head.map((_, index) => (index === 0 ? "---" : "---:")), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n")

buildPrograms()
const programs = servers.map(({ program }) => program)
await alternate(1, programs, measureColdStart) // fills the file cache for every server

const many = await alternate(rounds, programs, (program) => measureLoad(program, 50, 4))
const one = await alternate(Math.ceil(rounds / 2), programs, (program) => measureLoad(program, 1, 2))
const cold = await alternate(2 * rounds, programs, measureColdStart)
const startStops = ["mockServer", ...servers.flatMap(({ startStop }) => startStop ?? [])]
const cycles = await alternate(Math.ceil(rounds / 2), startStops, (name) =>
  runProgram<{ readonly median: number }>("startStop", name),
)
const inProcess = await alternate(Math.ceil(rounds / 2), ["inProcess"], (name) =>
  runProgram<Record<"bare" | "server", { readonly median: number; readonly p99: number }>>(name),
)

const failed = [...many, ...one].flatMap(([program, results]) =>
  results.filter((result) => result.failed > 0).map((result) => `${program}: ${result.failed}`),
)
if (failed.length > 0) throw new Error(`requests failed: ${failed.join(", ")}`)

const of = <T>(results: ReadonlyMap<string, readonly T[]>, key: string): readonly T[] =>
  results.get(key) ?? []
const startStop = (name: string) =>
  number(
    best(
      of(cycles, name).map((cycle) => cycle.median),
      "least",
    ),
    3,
  )

const rows = servers.map(({ name, program, startStop: cycle }) => {
  const at50 = of(many, program)
  return [
    name,
    number(
      best(
        at50.map(({ perSecond }) => perSecond),
        "most",
      ),
    ),
    number(
      best(
        at50.map(({ p99 }) => p99),
        "least",
      ),
    ),
    number(
      best(
        at50.map(({ processorTime }) => processorTime),
        "least",
      ),
    ),
    number(
      best(
        of(one, program).map(({ perSecond }) => perSecond),
        "most",
      ),
    ),
    `${number(best(of(cold, program), "least"))} (${number(median(of(cold, program)))})`,
    cycle === undefined ? "" : startStop(cycle),
  ]
})
const roundTrips = of(inProcess, "inProcess")
const microseconds = (which: "bare" | "server", value: "median" | "p99") =>
  number(
    best(
      roundTrips.map((result) => result[which][value]),
      "least",
    ),
    1,
  )

const report = `# The mock server's speed

${new Date().toISOString().slice(0, 10)}, Node.js ${process.version}, ${platform()} ${arch()}, ${availableParallelism()} × ${cpus()[0]?.model.trim()}. Load of the machine during the run (1 minute average): ${number(Math.min(...loads), 1)} to ${number(Math.max(...loads), 1)}. The benchmark itself adds up to 2.

To repeat: \`pnpm bench:mock-server\`.

Refresh grants over keep-alive connections, each server in a process of its own, autocannon in another; best of ${rounds} alternating rounds of 4 seconds, each after 2 seconds of warm-up. Cold start: from the start of the process to its first token, best (median) of ${2 * rounds}. Start and stop: a socket opened and closed in one process, median. Processor time is that of the server process; other work on the machine changes it least. Where tokens rotate, autocannon builds every request anew and therefore sends fewer requests to every server.

${table(["server", "requests/s, 50 connections", "p99, ms", "processor time a request, µs", "requests/s, 1 connection", "cold start, ms", "start and stop, ms"], rows)}

In process: \`createMockServer()\` and \`close()\` without a socket take ${startStop("mockServer")} ms. A refresh through \`server.fetch\` takes ${microseconds("server", "median")} µs (median; p99 ${microseconds("server", "p99")} µs), of which ${microseconds("bare", "median")} µs are the platform's \`Request\` and \`Response\`.
`
const folder = join(import.meta.dirname, "../../results")
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, "mock-server.md"), report)
console.log(report)
