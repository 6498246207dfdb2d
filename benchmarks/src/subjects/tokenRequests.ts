/** Code exchanges and refreshes over loopback, one after the other. */
import { nameAndVersion } from "../harness/machine.ts"
import { barPlot } from "../harness/plot.ts"
import { runProgram, startProgram } from "../harness/runProgram.ts"
import type { Cost } from "../harness/statistics.ts"
import { spread, table } from "../harness/table.ts"
import type { Subject } from "./Subject.ts"

interface Measured extends Cost {
  readonly name: string
  readonly what: "exchange" | "refresh"
}

const titles = { exchange: "code exchange", refresh: "refresh" } as const

const program = (name: string) => new URL(`../programs/${name}.ts`, import.meta.url)

export const tokenRequests: Subject = {
  name: "token-requests",
  title: "Code exchange and refresh over loopback",
  run: async ({ quick }) => {
    await using server = await startProgram<{ readonly origin: string }>(program("tokenServer"))
    const [rounds, count] = quick ? [3, 10] : [15, 40]
    const args = [server.told.origin, String(rounds), String(count)]
    const measured = await runProgram<Measured>(program("tokenRequests"), { args })
    const of = (wanted: Measured["what"]) => measured.filter(({ what }) => what === wanted)
    const titleOf = (name: string) =>
      name === "bare fetch" ? "`fetch` and `response.json()` alone" : nameAndVersion(name)
    const rows = of("refresh").map(({ name, processorTime, wallTime }) => {
      const exchange = of("exchange").find((each) => each.name === name)
      return [
        titleOf(name),
        spread(processorTime),
        spread(wallTime),
        ...(exchange === undefined || name === "bare fetch"
          ? ["", ""]
          : [spread(exchange.processorTime), spread(exchange.wallTime)]),
      ]
    })
    const bars = of("refresh").map(({ name, processorTime }) => ({ name, ...processorTime }))
    return {
      text: `Microseconds of one operation: the median of ${rounds} rounds of ${count}, and between which rounds it lies. All libraries are in one process and take turns; the server is another process and gives everybody the same token. A code exchange is the whole login: the authorization request with PKCE where the library has it, the check of the callback, the exchange. This project keeps its token in a store, in memory here.

${table(["", "refresh: processor time", "refresh: wall time", "login: processor time", "login: wall time"], rows)}`,
      data: { rounds, count, unit: "microseconds", measured },
      plots: {
        refresh: {
          alt: `Processor time of a ${titles.refresh}, in microseconds`,
          svg: barPlot(bars, "microseconds of processor time a refresh"),
        },
      },
    }
  },
}
