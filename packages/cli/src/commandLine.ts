/** A command line, read. */
import { CommandError } from "./CommandError.js"
import { type CommandName, commandNames, type Flag, type FlagName, flags } from "./flags.js"

export interface CommandLine {
  /** `help` and `version` are no commands of their own: they stop everything else. */
  readonly command: CommandName | "help" | "version"
  readonly values: Readonly<Partial<Record<FlagName, string>>>
  readonly switches: ReadonlySet<FlagName>
}

/** @throws CommandError */
export const readCommandLine = (args: readonly string[]): CommandLine => {
  const nothing = { values: {}, switches: new Set<FlagName>() }
  if (args.some((arg) => arg === "--help" || arg === "-h") || args[0] === "help" || args.length === 0) {
    return { command: "help", ...nothing }
  }
  if (args[0] === "--version" || args[0] === "-v") return { command: "version", ...nothing }
  const [name = "", ...rest] = args
  const command = commandNames.find((known) => known === name)
  if (command === undefined) {
    throw usage(`${name}: there is no such command; there are ${commandNames.join(", ")}`)
  }

  const values: Partial<Record<FlagName, string>> = {}
  const switches = new Set<FlagName>()
  for (let index = 0; index < rest.length; index++) {
    const [, given = "", inline] = /^--([^=]*)(?:=(.*))?$/s.exec(rest[index] ?? "") ?? []
    const flag = flagOf(command, given, rest[index] ?? "")
    if (flag.value === undefined) {
      if (inline !== undefined) throw usage(`--${given}: takes no value`)
      switches.add(given as FlagName)
      continue
    }
    const value = inline ?? rest[++index]
    if (value === undefined || value === "") throw usage(`--${given}: got nothing; takes a ${flag.value}`)
    values[given as FlagName] = value
  }
  return { command, values, switches }
}

const flagOf = (command: CommandName, name: string, arg: string): Flag => {
  // What a person types once, everybody on the machine and the shell's history can read.
  if (["client-secret", "secret", "encryption-key"].includes(name)) {
    const variable =
      name === "encryption-key" ? "ELLIPSIS_OAUTH_ENCRYPTION_KEY" : "ELLIPSIS_OAUTH_CLIENT_SECRET"
    const file = name === "encryption-key" ? "--encryption-key-file" : "--client-secret-file"
    throw usage(`--${name}: a secret is no argument, since others can read it; use ${file} or $${variable}`)
  }
  const flag: Flag | undefined = Object.hasOwn(flags, name) ? flags[name as FlagName] : undefined
  if (flag === undefined) throw usage(`${arg.split("=", 1)[0]}: ${command} takes no such argument`)
  if (!flag.commands.includes(command)) throw usage(`--${name}: is for ${flag.commands.join(", ")}`)
  return flag
}

export const usage = (problem: string): CommandError => new CommandError("usage", `${problem}. See --help.`)
