/** A command line, read. What is not known is never repeated: it may be a secret in the wrong place. */
import { parseArgs } from "node:util"
import { CommandError } from "./CommandError.js"
import { argumentsOf, type CommandName, commandNames, type Flag, type FlagName, flags } from "./flags.js"
import { nearest } from "./nearest.js"

export interface CommandLine {
  /** `help` and `version` are no commands of their own: they stop everything else. */
  readonly command: CommandName | "help" | "version"
  /** What follows the command, such as the shell of `completion`. */
  readonly argument?: string
  readonly values: Readonly<Partial<Record<FlagName, string>>>
  readonly switches: ReadonlySet<FlagName>
}

const options = {
  ...Object.fromEntries(
    Object.entries<Flag>(flags).map(([name, { value }]) => [
      name,
      { type: value === undefined ? ("boolean" as const) : ("string" as const) },
    ]),
  ),
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
} as const

/** @throws CommandError */
export const readCommandLine = (args: readonly string[]): CommandLine => {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true })
  const nothing = { values: {}, switches: new Set<FlagName>() }
  const positionals = tokens.flatMap((token) => (token.kind === "positional" ? [token.value] : []))
  const [name, ...rest] = positionals
  const given = tokens.filter((token) => token.kind === "option")
  if (args.length === 0 || name === "help" || given.some((token) => token.name === "help")) {
    return { command: "help", ...nothing }
  }
  if (given.some((token) => token.name === "version")) return { command: "version", ...nothing }
  // Before the command is looked at: what follows such a flag is a secret.
  for (const { name } of given) refuseSecret(name)
  const command = requireCommand(name)
  const argument = requireArgument(command, rest)
  const values: Partial<Record<FlagName, string>> = {}
  const switches = new Set<FlagName>()
  for (const token of given) {
    const flag = requireFlag(command, token.name, token.rawName)
    const flagName = token.name as FlagName
    if (flag.value === undefined) {
      if (token.value !== undefined) throw usage(`--${flagName}: takes no value`)
      switches.add(flagName)
      continue
    }
    // Another flag in the place of the value.
    const isMissing = !token.inlineValue && token.value !== undefined && /^-./.test(token.value)
    if (token.value === undefined || token.value === "" || isMissing) {
      throw usage(`--${flagName}: got nothing; takes a ${flag.value}`)
    }
    values[flagName] = token.value
  }
  return { command, ...(argument === undefined ? {} : { argument }), values, switches }
}

const secretFlags: Readonly<Record<string, readonly [file: string, variable: string]>> = {
  "client-secret": ["--client-secret-file", "ELLIPSIS_OAUTH_CLIENT_SECRET"],
  secret: ["--client-secret-file", "ELLIPSIS_OAUTH_CLIENT_SECRET"],
  "encryption-key": ["--encryption-key-file", "ELLIPSIS_OAUTH_ENCRYPTION_KEY"],
  "refresh-token": ["--refresh-token-file", "ELLIPSIS_OAUTH_REFRESH_TOKEN"],
}

/** What a person types once, everybody on the machine and the shell's history can read. */
const refuseSecret = (name: string): void => {
  const instead = Object.hasOwn(secretFlags, name) ? secretFlags[name] : undefined
  if (instead === undefined) return
  const [file, variable] = instead
  throw usage(`--${name}: a secret is no argument, since others can read it; use ${file} or $${variable}`)
}

const requireCommand = (name: string | undefined): CommandName => {
  const command = commandNames.find((known) => known === name)
  if (command !== undefined) return command
  const all = `the commands are ${commandNames.join(", ")}`
  if (name === undefined) throw usage(`The command is missing; ${all}`)
  const meant = nearest(name, commandNames)
  throw usage(`There is no such command${meant === undefined ? "" : `. Did you mean ${meant}?`}; ${all}`)
}

const requireArgument = (command: CommandName, given: readonly string[]): string | undefined => {
  const choices = argumentsOf[command]
  const [argument, ...more] = given
  if (choices === undefined || more.length > 0) {
    if (given.length === 0) return undefined
    throw usage(`${command} takes ${choices === undefined ? "flags only" : "one argument"}`)
  }
  if (argument !== undefined && choices.includes(argument)) return argument
  throw usage(`${command}: takes ${choices.join(" or ")}`)
}

const requireFlag = (command: CommandName, name: string, rawName: string): Flag => {
  const flag: Flag | undefined = Object.hasOwn(flags, name) ? flags[name as FlagName] : undefined
  if (flag === undefined) {
    const own = Object.entries<Flag>(flags).filter(([, { commands }]) => commands.includes(command))
    const meant = nearest(
      name,
      own.map(([known]) => known),
    )
    throw usage(
      `${command} has no such flag${meant === undefined ? "" : ` as ${rawName}. Did you mean --${meant}?`}`,
    )
  }
  if (!flag.commands.includes(command)) throw usage(`--${name}: is for ${flag.commands.join(", ")}`)
  return flag
}

export const usage = (problem: string): CommandError =>
  new CommandError("usage", `${problem}${/[.?]$/.test(problem) ? "" : "."} See --help.`)
