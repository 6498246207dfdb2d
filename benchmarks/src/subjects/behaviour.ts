/** What each library does in the same situations. */
import { type Observed, outputRow, rejectionsRow } from "../behaviour/Row.ts"
import { rows } from "../behaviour/rows.ts"
import { nameAndVersion, versionOf } from "../harness/machine.ts"
import { runProgram } from "../harness/runProgram.ts"
import { table } from "../harness/table.ts"
import { peers } from "../peers/index.ts"
import type { Subject } from "./Subject.ts"

const program = new URL("../behaviour/observe.ts", import.meta.url)

export const behaviour: Subject = {
  name: "behaviour",
  title: "Behaviour, side by side",
  run: async ({ quick }) => {
    const observed = new Map<string, ReadonlyMap<string, string>>()
    await Promise.all(
      peers.map(async ({ name }) => {
        const args = quick ? [name, "quick"] : [name]
        const lines = await runProgram<Observed>(program, { args })
        observed.set(name, new Map(lines.map(({ id, observed }) => [id, observed])))
      }),
    )
    const found = (peer: string, id: string): string | undefined => observed.get(peer)?.get(id)
    const wanted = [...rows, outputRow, rejectionsRow].filter(({ id }) =>
      peers.some(({ name }) => found(name, id) !== undefined),
    )
    const groups = [...new Set(wanted.map(({ group }) => group))]
    const sections = groups.map((group) => {
      const cells = wanted
        .filter((row) => row.group === group)
        .map(({ id, title }) => [title, ...peers.map(({ name }) => found(name, id) ?? "")])
      return `### ${group}\n\n${table(["", ...peers.map(({ name }) => nameAndVersion(name))], cells, "left")}`
    })
    const uses = peers.map(({ name, use }) => `- ${nameAndVersion(name)}: ${use}`)
    return {
      text: `Each library ran against a token endpoint on loopback that does what the row says and replaces each refresh token. "Not offered": the library has no call for it. Errors are told by their name and code. Printed is what \`console.log\` shows.

${sections.join("\n\n")}

Each is used as its documentation shows:

${uses.join("\n")}`,
      data: {
        peers: peers.map(({ name, use }) => ({ name, version: versionOf(name), use })),
        rows: wanted.map(({ group, id, title }) => ({
          id,
          group,
          title,
          observed: Object.fromEntries(peers.map(({ name }) => [name, found(name, id)])),
        })),
      },
    }
  },
}
