/** Reads a command line. Error messages never repeat unknown values, which may be secrets. */
import { parseArgs } from "node:util"
import { CommandError } from "./CommandError.js"
import { argumentsOf, type CommandName, commandNames, type Flag, type FlagName, flags } from "./flags.js"
import { nearest } from "./nearest.js"

export interface CommandLine {
  /** `help` and `version` are flags, and take precedence over any command. */
  readonly command: CommandName | "help" | "version"
  /** The command that `help` explains; all of them if left out. */
  readonly about?: CommandName
  /** The argument of the command, such as the shell of `completion`. */
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
    const about = commandNames.find((known) => known === (name === "help" ? rest[0] : name))
    return { command: "help", ...(about === undefined ? {} : { about }), ...nothing }
  }
  if (given.some((token) => token.name === "version")) return { command: "version", ...nothing }
  // Checked before the command, because the value of such a flag is a secret.
  for (const { name } of given) refuseSecret(name)
  const command = requireCommand(name)
  // Flags are checked before the argument: the value of a misspelt flag looks like one.
  for (const token of given) requireFlag(command, token.name, token.rawName)
  const argument = requireArgument(command, rest)
  const values: Partial<Record<FlagName, string>> = {}
  const switches = new Set<FlagName>()
  for (const token of given) {
    const flag = requireFlag(command, token.name, token.rawName)
    const flagName = token.name as FlagName
    if (flag.value === undefined) {
      if (token.value !== undefined) throw usage(`--${flagName} must not have a value`)
      switches.add(flagName)
      continue
    }
    // Another flag where the value should be.
    const isMissing = !token.inlineValue && token.value !== undefined && /^-./.test(token.value)
    if (token.value === undefined || token.value === "" || isMissing) {
      throw usage(`--${flagName} needs a value: --${flagName} <${flag.value}>`)
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

/** Refuses secrets in flags: other users of the machine can read arguments, and the shell's history keeps them. */
const refuseSecret = (name: string): void => {
  const instead = Object.hasOwn(secretFlags, name) ? secretFlags[name] : undefined
  if (instead === undefined) return
  const [file, variable] = instead
  throw usage(
    `--${name}: a secret must not be an argument, because other users can read arguments. Use ${file} or $${variable}`,
  )
}

const requireCommand = (name: string | undefined): CommandName => {
  const command = commandNames.find((known) => known === name)
  if (command !== undefined) return command
  const all = `The commands are ${commandNames.join(", ")}`
  if (name === undefined) throw usage(`The command is missing. ${all}`)
  const meant = nearest(name, commandNames)
  throw usage(`Unknown command.${meant === undefined ? "" : ` Did you mean ${meant}?`} ${all}`)
}

const requireArgument = (command: CommandName, given: readonly string[]): string | undefined => {
  const choices = argumentsOf[command]
  const [argument, ...more] = given
  if (choices === undefined || more.length > 0) {
    if (given.length === 0) return undefined
    throw usage(`${command} takes ${choices === undefined ? "flags only" : "one argument"}`)
  }
  if (argument !== undefined && choices.includes(argument)) return argument
  throw usage(`The argument of ${command} must be ${choices.join(" or ")}`)
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
      `${command} does not have this flag${meant === undefined ? "" : `: ${rawName}. Did you mean --${meant}?`}`,
    )
  }
  if (!flag.commands.includes(command)) throw usage(`--${name} is a flag of ${flag.commands.join(", ")}`)
  return flag
}

export const usage = (problem: string): CommandError =>
  new CommandError("usage", `${problem}${/[.?]$/.test(problem) ? "" : "."} See --help.`)
