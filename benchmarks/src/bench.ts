/** `pnpm bench [SUBJECT…] [--quick]`: measures, prints, and writes what it found to results. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { describeMachine, load, machineLine } from "./harness/machine.ts"
import { updateReadme } from "./harness/updateReadme.ts"
import { subjects } from "./subjects/index.ts"

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    /** Rough figures, in a minute, into a temporary folder. */
    quick: { type: "boolean", default: false },
    /** Where the results go. */
    results: { type: "string" },
  },
})

const unknown = positionals.find((name) => subjects.every((subject) => subject.name !== name))
if (unknown !== undefined) {
  console.error(`There is no subject "${unknown}". There are ${subjects.map(({ name }) => name).join(", ")}.`)
  process.exit(2)
}
const wanted = subjects.filter(({ name, onlyByName }) =>
  positionals.length === 0 ? onlyByName !== true : positionals.includes(name),
)

const defaultResults = () =>
  values.quick
    ? mkdtempSync(join(tmpdir(), "ellipsis-oauth-bench-"))
    : join(import.meta.dirname, "../results")
const results = values.results ?? defaultResults()
mkdirSync(results, { recursive: true })

for (const { name, run, title } of wanted) {
  const startedAt = performance.now()
  const before = load()
  const { data, plots = {}, text } = await run({ quick: values.quick })
  const machine = describeMachine(before)
  const images = Object.entries(plots).map(([suffix, { alt, svg }]) => {
    const file = `${name}-${suffix}.svg`
    writeFileSync(join(results, file), svg)
    return `![${alt}](${file})`
  })
  const command = `To repeat: \`pnpm bench ${name}\`.`
  const parts = [machineLine(machine), command, text, ...images]
  writeFileSync(join(results, `${name}.md`), `# ${title}\n\n${parts.join("\n\n")}\n`)
  writeFileSync(join(results, `${name}.json`), `${JSON.stringify({ machine, ...data }, null, 2)}\n`)
  console.log(`# ${title} (${((performance.now() - startedAt) / 1000).toFixed(0)} s)\n\n${text}\n`)
}
if (!values.quick && values.results === undefined) updateReadme()
console.log(`Results are in ${results}.`)
