/** The mock server beside released ones and beside bare `node:http`. */
import { nameAndVersion } from "../harness/machine.ts"
import { barPlot } from "../harness/plot.ts"
import { interleave, type Spread, spreadOf } from "../harness/statistics.ts"
import { number, spread, table } from "../harness/table.ts"
import { buildPrograms, runProgram, startServer } from "../mockServer/programs.ts"
import { requestToken } from "../mockServer/tokenRequest.ts"
import type { Subject } from "./Subject.ts"

interface Server {
  readonly name: string
  /** In mockServer/servers, with its arguments. */
  readonly program: string
  /** Its name in mockServer/startStop.ts. */
  readonly startStop?: string
}

const servers: readonly Server[] = [
  { name: "bare `node:http`, no OAuth", program: "bareHttp", startStop: "bareHttp" },
  { name: "the same, its client working as with rotation", program: "bareHttp always" },
  {
    name: nameAndVersion("@ellipsis-oauth/mock-server"),
    program: "mockServer",
    startStop: "mockServerListening",
  },
  { name: "the same, rotating every token", program: "mockServer always" },
  { name: nameAndVersion("oidc-provider"), program: "oidcProvider", startStop: "oidcProvider" },
  { name: nameAndVersion("oauth2-mock-server"), program: "oauth2MockServer", startStop: "oauth2MockServer" },
]

interface Load {
  readonly perSecond: number
  readonly responses: number
  readonly p99: number
  readonly failed: number
}

const measureLoad = async (program: string, connections: number, seconds: number) => {
  const server = await startServer(program)
  const args = [JSON.stringify(server), String(connections), String(seconds)]
  const load = await runProgram<Load>("load", ...args)
  const { processorTime } = await server.stop()
  if (load.failed > 0) throw new Error(`${program}: ${load.failed} requests failed`)
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

interface Measured {
  readonly name: string
  readonly perSecond: Spread
  readonly p99: Spread
  /** Of the server, a request, in microseconds. */
  readonly processorTime: Spread
  /** Milliseconds. */
  readonly coldStart: Spread
  /** Milliseconds. */
  readonly startStop?: Spread
}

type RoundTrips = Record<"bare" | "server", { readonly median: number }>

export const mockServer: Subject = {
  name: "mock-server",
  title: "The mock server's speed",
  run: async ({ quick }) => {
    buildPrograms()
    const [rounds, seconds] = quick ? [1, 1] : [5, 2]
    const programs = servers.map(({ program }) => program)
    // The file cache is warm for everybody.
    await interleave(1, programs, measureColdStart)
    const loads = await interleave(rounds, programs, (program) => measureLoad(program, 50, seconds))
    const cold = await interleave(rounds, programs, measureColdStart)
    const cycles = await interleave(
      quick ? 1 : 2,
      ["mockServer", ...servers.flatMap(({ startStop }) => startStop ?? [])],
      (name) => runProgram<{ readonly median: number }>("startStop", name),
    )
    const trips = await interleave(quick ? 1 : 2, ["inProcess"], (name) => runProgram<RoundTrips>(name))
    const cycle = (name: string): Spread => spreadOf((cycles.get(name) ?? []).map(({ median }) => median))
    const measured = servers.map(({ name, program, startStop }): Measured => {
      const found = loads.get(program) ?? []
      return {
        name,
        perSecond: spreadOf(found.map(({ perSecond }) => perSecond)),
        p99: spreadOf(found.map(({ p99 }) => p99)),
        processorTime: spreadOf(found.map(({ processorTime }) => processorTime)),
        coldStart: spreadOf(cold.get(program) ?? []),
        ...(startStop === undefined ? {} : { startStop: cycle(startStop) }),
      }
    })
    const rows = measured.map((each) => [
      each.name,
      spread(each.processorTime),
      spread(each.perSecond),
      spread(each.p99),
      spread(each.coldStart),
      each.startStop === undefined ? "" : spread(each.startStop, 3),
    ])
    const inProcess = trips.get("inProcess") ?? []
    const trip = (which: "bare" | "server"): Spread => spreadOf(inProcess.map((each) => each[which].median))
    return {
      text: `Refresh grants over 50 keep-alive connections, each server in a process of its own, autocannon in another, in turns: the median of ${rounds} rounds of ${seconds} s, after ${seconds / 2} s that do not count, and between which rounds it lies. Cold start: from the start of the process to its first token. Start and stop: a socket opened and closed in one process. Processor time is the server's own, which other work on the machine changes least; where tokens rotate, autocannon has to build every request anew and sends less to every server.

${table(["server", "processor time a request, µs", "requests/s", "p99, ms", "cold start, ms", "start and stop, ms"], rows)}

In process: \`createMockServer()\` and \`close()\` without a socket take ${number(cycle("mockServer").median, 3)} ms. A refresh through \`server.fetch\` takes ${number(trip("server").median, 1)} µs, of which ${number(trip("bare").median, 1)} µs are the platform's \`Request\` and \`Response\`.`,
      data: {
        rounds,
        seconds,
        measured,
        inProcess: { startStop: cycle("mockServer"), bare: trip("bare"), server: trip("server") },
      },
      plots: {
        "processor-time": {
          alt: "Processor time of a request, in microseconds",
          svg: barPlot(
            measured.map(({ name, processorTime }) => ({
              name: name.replaceAll(/\*\*|`/g, ""),
              ...processorTime,
            })),
            "microseconds of processor time a request, on a logarithmic axis",
            { logarithmic: true },
          ),
        },
      },
    }
  },
}
