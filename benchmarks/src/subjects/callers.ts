/** Many callers at once on one expired token. */
import { nameAndVersion } from "../harness/machine.ts"
import { barPlot } from "../harness/plot.ts"
import { runProgram } from "../harness/runProgram.ts"
import { spreadOf } from "../harness/statistics.ts"
import { number, spread, table } from "../harness/table.ts"
import type { Subject } from "./Subject.ts"

interface Measured {
  readonly name: string
  readonly keepsTokens: boolean
  readonly requests: number
  readonly refused: number
  readonly tokens: number
  readonly errors: number
  /** Milliseconds. */
  readonly wallTime: number
  /** Of the process, the provider's part included, in milliseconds. */
  readonly processorTime: number
}

const program = new URL("../programs/callers.ts", import.meta.url)

export const callers: Subject = {
  name: "callers",
  title: "1,000 callers on an expired token",
  run: async ({ quick }) => {
    const count = quick ? 100 : 1000
    const rounds: Measured[][] = []
    for (let round = 0; round < (quick ? 1 : 3); round++) {
      rounds.push([...(await runProgram<Measured>(program, { args: [String(count)] }))])
    }
    const names = rounds[0]?.map(({ name }) => name) ?? []
    const measured = names.map((name) => {
      const all = rounds.flatMap((round) => round.filter((each) => each.name === name))
      const of = (read: (each: Measured) => number) => spreadOf(all.map(read))
      return {
        name,
        keepsTokens: all[0]?.keepsTokens ?? false,
        requests: of(({ requests }) => requests),
        refused: of(({ refused }) => refused),
        tokens: of(({ tokens }) => tokens),
        errors: of(({ errors }) => errors),
        wallTime: of(({ wallTime }) => wallTime),
        processorTime: of(({ processorTime }) => processorTime),
      }
    })
    const rows = measured.map(
      ({ errors, keepsTokens, name, processorTime, refused, requests, tokens, wallTime }) => [
        keepsTokens
          ? nameAndVersion(name)
          : `${nameAndVersion(name)}, in an app that refreshes what has expired`,
        number(requests.median),
        number(refused.median),
        number(tokens.median),
        number(errors.median),
        spread(wallTime),
        spread(processorTime),
      ],
    )
    return {
      text: `${number(count)} callers ask at once for the access token of one user, which has expired; the provider replaces each refresh token and refuses one that is used again. Times are milliseconds until the last caller has its token, the provider's own work in the same process included: the median of ${rounds.length} rounds, and between which rounds it lies.

${table(["", "requests", "of them refused", "callers with a token", "callers with an error", "wall time", "processor time"], rows)}`,
      data: { count, rounds: rounds.length, unit: "milliseconds", measured },
      plots: {
        requests: {
          alt: "Requests sent",
          svg: barPlot(
            measured.map(({ name, requests }) => ({ name, ...requests })),
            "requests sent, on a logarithmic axis",
            { logarithmic: true },
          ),
        },
      },
    }
  },
}
