/** Many users with a token in hand: memory and time. */
import * as Plot from "@observablehq/plot"
import { nameAndVersion } from "../harness/machine.ts"
import { plot } from "../harness/plot.ts"
import { runProgram } from "../harness/runProgram.ts"
import { interleave, type Spread, spreadOf } from "../harness/statistics.ts"
import { number, spread, table } from "../harness/table.ts"
import type { Subject } from "./Subject.ts"

const program = new URL("../programs/sessions.ts", import.meta.url)

const libraries = [
  "@ellipsis-oauth/node",
  "simple-oauth2",
  "@badgateway/oauth2-client",
  "google-auth-library",
]

interface Measured {
  readonly name: string
  readonly count: number
  readonly bytes: Spread
  readonly microseconds: Spread
}

export const sessions: Subject = {
  name: "sessions",
  title: "1,000 to 100,000 sessions",
  run: async ({ quick }) => {
    const counts = quick ? [1000, 5000] : [1000, 10_000, 100_000]
    const cases = counts.flatMap((count) => libraries.map((name) => ({ name, count })))
    const results = await interleave(quick ? 1 : 2, cases, async ({ count, name }) => {
      const [line] = await runProgram<{ readonly bytes: number; readonly microseconds: number }>(program, {
        args: [name, String(count)],
        nodeOptions: ["--expose-gc"],
      })
      if (line === undefined) throw new Error(`${name} said nothing`)
      return line
    })
    const measured: Measured[] = [...results].map(([{ count, name }, lines]) => ({
      name,
      count,
      bytes: spreadOf(lines.map(({ bytes }) => bytes)),
      microseconds: spreadOf(lines.map(({ microseconds }) => microseconds)),
    }))
    const find = (name: string, count: number) =>
      measured.find((each) => each.name === name && each.count === count)
    const rows = libraries.map((name) => [
      nameAndVersion(name),
      ...counts.flatMap((count) => {
        const found = find(name, count)
        return found === undefined ? ["", ""] : [spread(found.bytes), spread(found.microseconds)]
      }),
    ])
    return {
      text: `What a user costs whose token is in hand: bytes of the heap, and microseconds of processor time to make it and ask it once. Each case runs in a process of its own, in turns; the median of ${quick ? 1 : 2} rounds, and between which rounds it lies. A user is a session of this project (with its record read from a store that holds nothing in the process), an \`AccessToken\` of simple-oauth2, an \`OAuth2Fetch\` of @badgateway/oauth2-client, an \`OAuth2Client\` of google-auth-library.

${table(["", ...counts.flatMap((count) => [`bytes, ${number(count)}`, `µs, ${number(count)}`])], rows)}`,
      data: { measured },
      plots: {
        memory: {
          alt: "Heap by number of users",
          svg: plot({
            width: 760,
            height: 300,
            marginRight: 190,
            x: { type: "log", label: "users" },
            y: { type: "log", label: "heap, MB", grid: true },
            color: { domain: libraries, scheme: "Observable10" },
            marks: [
              Plot.line(measured, {
                x: "count",
                y: ({ bytes, count }: Measured) => (bytes.median * count) / 1e6,
                stroke: "name",
                marker: "circle",
              }),
              Plot.text(measured, {
                filter: ({ count }: Measured) => count === counts.at(-1),
                x: "count",
                y: ({ bytes, count }: Measured) => (bytes.median * count) / 1e6,
                text: "name",
                fill: "name",
                textAnchor: "start",
                dx: 8,
              }),
            ],
          }),
        },
      },
    }
  },
}
