/** Where and with what a run was made. */
import { readFileSync } from "node:fs"
import { findPackageJSON } from "node:module"
import { arch, availableParallelism, cpus, loadavg, platform, totalmem } from "node:os"

export interface Machine {
  readonly date: string
  readonly node: string
  readonly system: string
  /** The average of one minute, when it began and when it ended. */
  readonly load: readonly [before: number, after: number]
}

export const load = (): number => Number((loadavg()[0] ?? Number.NaN).toFixed(1))

export const describeMachine = (loadBefore: number): Machine => ({
  date: new Date().toISOString().slice(0, 10),
  node: process.version,
  system: `${platform()} ${arch()}, ${availableParallelism()} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
  load: [loadBefore, load()],
})

export const machineLine = ({ date, load: [before, after], node, system }: Machine): string =>
  `${date}, Node.js ${node}, ${system}. Load (average of a minute) when it began: ${before}; when it ended: ${after}.`

/** Of an installed package, or of this project's own. */
export const versionOf = (name: string): string => {
  const path = findPackageJSON(name, import.meta.url)
  if (path === undefined) throw new Error(`${name} is not installed`)
  return JSON.parse(readFileSync(path, "utf8")).version
}

export const nameAndVersion = (name: string): string =>
  name.startsWith("@ellipsis-oauth/") ? `**${name}**` : `${name} ${versionOf(name)}`
