/** What a library adds to the start of a process, and to a disk. */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs"
import { findPackageJSON } from "node:module"
import { dirname, join } from "node:path"
import { nameAndVersion } from "../harness/machine.ts"
import { barPlot } from "../harness/plot.ts"
import { runProgram } from "../harness/runProgram.ts"
import { interleave, type Spread, spreadOf } from "../harness/statistics.ts"
import { number, spread, table } from "../harness/table.ts"
import { peers } from "../peers/index.ts"
import type { Subject } from "./Subject.ts"

const program = new URL("../programs/importLibrary.ts", import.meta.url)

interface Manifest {
  readonly name: string
  readonly version: string
  readonly files?: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

const sizeOf = (path: string): number => {
  const found = statSync(path)
  if (!found.isDirectory()) return found.size
  return readdirSync(path)
    .filter((name) => name !== "node_modules")
    .reduce((total, name) => total + sizeOf(join(path, name)), 0)
}

/** A package of this workspace has more in its folder than it publishes. */
const publishedSize = (folder: string, { files, name }: Manifest): number => {
  if (!name.startsWith("@ellipsis-oauth/")) return sizeOf(folder)
  return ["package.json", "README.md", ...(files ?? [])]
    .map((file) => join(folder, file))
    .filter(existsSync)
    .reduce((total, file) => total + sizeOf(file), 0)
}

interface Installed {
  readonly bytes: number
  readonly packages: number
}

/** A package with all that npm installs for it. */
const installed = (name: string): Installed => {
  const seen = new Map<string, number>()
  const visit = (name: string, from: string): void => {
    const path = findPackageJSON(name, `${from}/`)
    if (path === undefined) throw new Error(`${name} is not installed`)
    const folder = realpathSync(dirname(path))
    if (seen.has(folder)) return
    const manifest: Manifest = JSON.parse(readFileSync(path, "utf8"))
    seen.set(folder, publishedSize(folder, manifest))
    const peers = Object.keys(manifest.peerDependencies ?? {}).filter(
      (peer) => manifest.peerDependenciesMeta?.[peer]?.optional !== true,
    )
    for (const dependency of [...Object.keys(manifest.dependencies ?? {}), ...peers])
      visit(dependency, folder)
  }
  visit(name, import.meta.dirname)
  return { bytes: [...seen.values()].reduce((total, size) => total + size, 0), packages: seen.size }
}

interface Measured extends Installed {
  readonly name: string
  /** Milliseconds. */
  readonly wallTime: Spread
  readonly processorTime: Spread
}

export const imports: Subject = {
  name: "imports",
  title: "Imports and installed size",
  run: async ({ quick }) => {
    const names = peers.map(({ name }) => name)
    const rounds = quick ? 2 : 10
    const results = await interleave(rounds, names, async (name) => {
      const [line] = await runProgram<{ readonly wallTime: number; readonly processorTime: number }>(
        program,
        {
          args: [name],
        },
      )
      if (line === undefined) throw new Error(`${name} said nothing`)
      return line
    })
    const measured: Measured[] = names.map((name) => {
      const lines = results.get(name) ?? []
      return {
        name,
        wallTime: spreadOf(lines.map(({ wallTime }) => wallTime)),
        processorTime: spreadOf(lines.map(({ processorTime }) => processorTime)),
        ...installed(name),
      }
    })
    const rows = measured.map(({ bytes, name, packages, processorTime, wallTime }) => [
      nameAndVersion(name),
      spread(processorTime),
      spread(wallTime),
      number(bytes / 1e6, 1),
      number(packages),
    ])
    return {
      text: `Milliseconds that \`await import(…)\` of the built package takes in a new process, in turns: the median of ${rounds} rounds, and between which rounds it lies. Installed: the package with everything that npm installs for it, required peers included.

${table(["", "import: processor time", "import: wall time", "installed, MB", "packages"], rows)}`,
      data: { rounds, unit: "milliseconds", measured },
      plots: {
        time: {
          alt: "Processor time of an import, in milliseconds",
          svg: barPlot(
            measured.map(({ name, processorTime }) => ({ name, ...processorTime })),
            "milliseconds of processor time",
          ),
        },
        size: {
          alt: "Installed size, in MB",
          svg: barPlot(
            measured.map(({ bytes, name }) => ({ name, ...spreadOf([bytes / 1e6]) })),
            "MB installed",
          ),
        },
      },
    }
  },
}
