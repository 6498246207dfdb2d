/** A provider's load from a million users, on a clock that is moved. */
import * as Plot from "@observablehq/plot"
import { nameAndVersion } from "../harness/machine.ts"
import { plot } from "../harness/plot.ts"
import { runProgram } from "../harness/runProgram.ts"
import { number, table } from "../harness/table.ts"
import { peers } from "../peers/index.ts"
import type { Subject } from "./Subject.ts"

const program = new URL("../programs/simulation.ts", import.meta.url)

interface Simulated {
  readonly name: string
  /** Requests of the simulated users. */
  readonly perMinute: readonly number[]
  readonly errors: number
  readonly refused: number
}

const population = 1_000_000

export const simulation: Subject = {
  name: "simulation",
  title: "1,000,000 users whose tokens live an hour",
  run: async ({ quick }) => {
    const users = quick ? 40 : 1000
    const hours = quick ? 2 : 4
    const weight = population / users
    const names = peers.map(({ name }) => name)
    const simulated: Simulated[] = []
    // Counts do not depend on who else is at work; two at once are what two processors take.
    const waiting = [...names]
    const work = async (): Promise<void> => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        simulated.push(
          ...(await runProgram<Simulated>(program, { args: [name, String(users), String(hours)] })),
        )
      }
    }
    await Promise.all([work(), work()])
    simulated.sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name))
    const perSecond = (requests: number): number => (requests * weight) / 60
    const rows = simulated.map(({ errors, name, perMinute, refused }) => {
      const afterLogin = perMinute.slice(20)
      const total = afterLogin.reduce((sum, each) => sum + each, 0)
      return [
        nameAndVersion(name),
        number(perSecond(total / afterLogin.length)),
        number(perSecond(Math.max(...afterLogin))),
        number(((total / users) * 60) / afterLogin.length, 2),
        number(refused),
        number(errors),
      ]
    })
    const points = simulated.flatMap(({ name, perMinute }) =>
      perMinute.map((requests, minute) => ({ name, minute, perSecond: perSecond(requests) })),
    )
    return {
      text: `${number(population)} users log in within ten minutes, then each asks for the token once a minute for ${hours} hours of a clock that is moved; tokens live an hour, and refresh tokens work more than once. ${number(users)} users are simulated with the libraries themselves against a provider on loopback, and each stands for ${number(weight)}. Requests a second that the provider gets, after the logins. oauth4webapi and openid-client keep no tokens: there the app refreshes what has expired.

${table(["", "mean", "busiest minute", "refreshes of a user in an hour", "refused", "errors"], rows)}`,
      data: { population, users, hours, simulated },
      plots: {
        load: {
          alt: "Requests a second at the provider over time",
          svg: plot({
            width: 760,
            height: 110 * simulated.length,
            marginRight: 20,
            x: { label: "minutes" },
            y: { label: "requests a second", grid: true },
            fy: { label: null, domain: names, axis: null },
            marks: [
              Plot.areaY(points, { x: "minute", y: "perSecond", fy: "name", fill: "#2563eb" }),
              Plot.text(names, {
                fy: (name: string) => name,
                text: (name: string) => name,
                frameAnchor: "top-right",
              }),
            ],
          }),
        },
      },
    }
  },
}
