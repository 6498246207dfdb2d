/** Several processes that ask for the tokens of the same users at once. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Plot from "@observablehq/plot"
import { bundleProgram } from "../../../packages/node/test/processes/bundleProgram.ts"
import { nameAndVersion } from "../harness/machine.ts"
import { plot } from "../harness/plot.ts"
import { runProgram } from "../harness/runProgram.ts"
import { type Spread, spreadOf } from "../harness/statistics.ts"
import { number, spread, table } from "../harness/table.ts"
import type { Subject } from "./Subject.ts"

interface Line {
  readonly name: string
  readonly store: string
  readonly count: number
  readonly requests: number
  readonly refused: number
  readonly tokens: number
  readonly errors: number
  readonly wallTime: number
  readonly processorTime: number
}

interface Measured {
  readonly name: string
  readonly store: string
  readonly count: number
  readonly requests: Spread
  readonly refused: Spread
  readonly tokens: Spread
  readonly errors: Spread
  readonly wallTime: Spread
  readonly processorTime: Spread
}

const program = new URL("../programs/processes.ts", import.meta.url)

/** It starts servers with what the packages' tests have for that; nothing in it is measured. */
const fromSource = ["--import", "tsx", "--conditions=@ellipsis-oauth/source"]

const title = ({ name, store }: Pick<Line, "name" | "store">): string => `${nameAndVersion(name)}, ${store}`

export const processes: Subject = {
  name: "processes",
  title: "1, 2, 4 and 8 processes on a store",
  run: async ({ quick }) => {
    const folder = mkdtempSync(join(tmpdir(), "ellipsis-oauth-"))
    const lines: Line[] = []
    try {
      const worker = join(folder, "processWorker.cjs")
      await bundleProgram(new URL("../programs/processWorker.ts", import.meta.url), worker)
      const args = [quick ? "quick" : "full", worker]
      lines.push(...(await runProgram<Line>(program, { args, nodeOptions: fromSource })))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
    const users = quick ? 10 : 30
    const groups = Map.groupBy(lines, ({ count, name, store }) => `${name} ${store} ${count}`)
    const measured = [...groups.values()].flatMap((rounds): Measured[] => {
      const [first] = rounds
      if (first === undefined) return []
      const of = (read: (line: Line) => number) => spreadOf(rounds.map(read))
      return [
        {
          name: first.name,
          store: first.store,
          count: first.count,
          requests: of(({ requests }) => requests),
          refused: of(({ refused }) => refused),
          tokens: of(({ tokens }) => tokens),
          errors: of(({ errors }) => errors),
          wallTime: of(({ wallTime }) => wallTime),
          processorTime: of(({ processorTime }) => processorTime),
        },
      ]
    })
    const sorted = measured.toSorted((a, b) => title(a).localeCompare(title(b)) || a.count - b.count)
    const rows = sorted.map((each) => [
      title(each),
      number(each.count),
      number(each.requests.median),
      number(each.refused.median),
      number(each.tokens.median),
      number(each.errors.median),
      spread(each.wallTime),
      spread(each.processorTime),
    ])
    const points = sorted.map((each) => ({
      title: `${each.name}, ${each.store}`,
      count: each.count,
      requests: each.requests.median,
    }))
    return {
      text: `Each process asks at once for the tokens of the same ${users} users, all expired. The provider replaces each refresh token and refuses one that is used again. Milliseconds from the signal to begin until the last process has its last token, and of processor time of all of them together: the median of ${quick ? 1 : 2} rounds, and between which rounds it lies. No other library here shares tokens between processes; google-auth-library stands for them, with the refresh tokens of a file.

${table(["", "processes", "requests", "of them refused", "callers with a token", "callers with an error", "wall time", "processor time"], rows)}`,
      data: { users, unit: "milliseconds", measured: sorted },
      plots: {
        requests: {
          alt: "Requests by number of processes",
          svg: plot({
            width: 760,
            height: 260,
            marginRight: 210,
            x: { label: "processes", ticks: [1, 2, 4, 8] },
            y: { label: "requests", zero: true, grid: true },
            color: { scheme: "Observable10" },
            marks: [
              Plot.line(points, { x: "count", y: "requests", stroke: "title", marker: "circle" }),
              Plot.text(
                points,
                Plot.selectLast({
                  x: "count",
                  y: "requests",
                  z: "title",
                  text: "title",
                  fill: "title",
                  textAnchor: "start",
                  dx: 8,
                }),
              ),
            ],
          }),
        },
      },
    }
  },
}
