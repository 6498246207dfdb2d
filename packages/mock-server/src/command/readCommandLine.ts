/** Reads a command line: the values of the flags, and which flag set each option. */

import { editDistance } from "../common/editDistance.js"
import type { OptionError } from "../common/OptionError.js"
import { type Flag, flags } from "./flags.js"
import { badFlag, UsageError } from "./UsageError.js"

export interface CommandLine {
  /** By the name of the option. */
  readonly values: ReadonlyMap<string, unknown>
  /** The flag that set an option, with its dashes. */
  readonly origins: ReadonlyMap<string, string>
}

const table: Readonly<Record<string, Flag>> = flags

const unknownFlag = (given: string): UsageError => {
  const name = given.replace(/^-+/, "")
  const [closest] = Object.keys(table)
    .map((known) => ({ known, away: known.startsWith(name) ? 1 : editDistance(known, name) }))
    .sort((a, b) => a.away - b.away)
  const guess = closest !== undefined && closest.away <= 2 ? ` Did you mean --${closest.known}?` : ""
  return new UsageError(`${given} is not a known flag.${guess} See --help.`)
}

/** Fails with a `UsageError`. */
export const readCommandLine = (args: readonly string[]): CommandLine => {
  const { parseArgs } = process.getBuiltinModule("node:util")
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(table).map(([name, { short, value }]) => [
        name,
        { type: value === undefined ? "boolean" : "string", ...(short === undefined ? {} : { short }) },
      ]),
    ),
  })
  const values = new Map<string, unknown>()
  const origins = new Map<string, string>()
  for (const token of tokens) {
    if (token.kind === "positional") {
      throw new UsageError(`${JSON.stringify(token.value)}: the command has flags only. See --help.`)
    }
    if (token.kind === "option-terminator") continue
    const flag = Object.hasOwn(table, token.name) ? table[token.name] : undefined
    if (flag === undefined) throw unknownFlag(token.rawName)
    const name = `--${token.name}`
    if (flag.value === undefined && token.value !== undefined)
      throw new UsageError(`${name} takes no value, got ${JSON.stringify(token.value)}.`)
    if (flag.value !== undefined && token.value === undefined)
      throw badFlag(name, undefined, `a ${flag.value}`)
    const value = flag.read(token.value ?? "", name)
    const before = values.get(flag.option)
    const earlier = origins.get(flag.option)
    if (earlier !== undefined && earlier !== name)
      throw new UsageError(`${name} cannot be used together with ${earlier}.`)
    values.set(flag.option, flag.many === true ? [...(Array.isArray(before) ? before : []), value] : value)
    origins.set(flag.option, name)
  }
  return { values, origins }
}

/** Rewrites an `OptionError` with the flag or file that the option came from. */
export const inTermsOf = (error: OptionError, origins: ReadonlyMap<string, string>): UsageError => {
  const path = error.option.replace(/^listen\./, "")
  const [, root = path, index, rest = ""] = /^(\w+)(?:\[(\d+)\])?\.?(.*)$/.exec(path) ?? []
  const origin = origins.get(root)
  if (origin === undefined) return new UsageError(error.message)
  if (!origin.startsWith("--")) return new UsageError(`${origin}: ${path} ${error.problem}`)
  const which = index === undefined ? "" : ` number ${Number(index) + 1}`
  return new UsageError(`${origin}${which}${rest === "" ? "" : `, ${rest}`} ${error.problem}`)
}
