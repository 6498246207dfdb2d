/** A valid token is in hand, and the app asks for it. */
import { nameAndVersion } from "../harness/machine.ts"
import { barPlot } from "../harness/plot.ts"
import { runProgram, startProgram } from "../harness/runProgram.ts"
import type { Cost, Spread } from "../harness/statistics.ts"
import { number, spread, table } from "../harness/table.ts"
import type { Subject } from "./Subject.ts"

interface Measured extends Cost {
  readonly name: string
  readonly bytes: Spread
}

const program = (name: string) => new URL(`../programs/${name}.ts`, import.meta.url)

export const cachedToken: Subject = {
  name: "cached-token",
  title: "A valid token from memory",
  run: async ({ quick }) => {
    await using server = await startProgram<{ readonly origin: string }>(program("tokenServer"))
    const [rounds, count] = quick ? [3, 1000] : [15, 20_000]
    const measured = await runProgram<Measured>(program("cachedToken"), {
      args: [server.told.origin, String(rounds), String(count)],
      nodeOptions: ["--expose-gc"],
    })
    const rows = measured.map(({ bytes, name, processorTime, wallTime }) => [
      name.startsWith("an ") ? `${name} that returns a string` : nameAndVersion(name),
      number(1e6 / wallTime.median),
      spread(processorTime, 2),
      spread(wallTime, 2),
      spread(bytes),
    ])
    return {
      text: `A valid token is in hand, and the app awaits it: the median of ${rounds} rounds of ${number(count)} calls, and between which rounds it lies. All libraries are in one process and take turns. Bytes are what a call leaves to the garbage collector. oauth4webapi and openid-client keep no token.

${table(["", "operations/s", "processor time, µs", "wall time, µs", "bytes"], rows)}`,
      data: { rounds, count, unit: "microseconds", measured },
      plots: {
        time: {
          alt: "Wall time of a call, in microseconds",
          svg: barPlot(
            measured.map(({ name, wallTime }) => ({ name, ...wallTime })),
            "microseconds a call, on a logarithmic axis",
            { logarithmic: true },
          ),
        },
      },
    }
  },
}
