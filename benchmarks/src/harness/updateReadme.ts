/** benchmarks/README.md shows what is in results, below this line. */
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const mark = "<!-- made of results -->"

/** In this order; the rest is linked to. */
const shown = [
  "token-requests",
  "cached-token",
  "callers",
  "processes",
  "sessions",
  "imports",
  "bundle-size",
  "mock-server",
  "slow-provider",
  "simulation",
  "soak",
  "chaos",
]

const folder = join(import.meta.dirname, "../..")

const sectionOf = (name: string): readonly string[] => {
  const path = join(folder, "results", `${name}.md`)
  if (!existsSync(path)) return []
  const text = readFileSync(path, "utf8")
  return [
    text
      .replaceAll(/^#/gm, "##")
      .replaceAll(/(?<=!\[[^\]]*\]\()(?=\S+\.svg)/g, "results/")
      .trim(),
  ]
}

/** After a run that wrote to results. */
export const updateReadme = (): void => {
  const path = join(folder, "README.md")
  const [head = ""] = readFileSync(path, "utf8").split(mark)
  writeFileSync(path, `${head}${[mark, ...shown.flatMap(sectionOf)].join("\n\n")}\n`)
}
