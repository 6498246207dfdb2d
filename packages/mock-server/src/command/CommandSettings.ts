/** The settings of the command: flags and configuration file together. */

import { OptionError } from "../common/OptionError.js"
import { optionsFromHabits } from "../protocol/ServerHabits.js"
import type { MockServerOptions } from "../protocol/Settings.js"
import type { ListenOptions } from "../server/SocketMount.js"
import { type FaultOrder, readFault } from "./flagValues.js"
import type { CommandLine } from "./readCommandLine.js"
import { badFlag, UsageError } from "./UsageError.js"

export interface CommandSettings {
  readonly options: MockServerOptions
  readonly listen: ListenOptions
  readonly faults: readonly FaultOrder[]
  readonly faultRate: number | undefined
  readonly json: boolean
  /** The source of each option: a flag with its dashes, or the path of the file. */
  readonly origins: ReadonlyMap<string, string>
}

const defaultPort = 4400

const firstLine = (error: unknown): string =>
  error instanceof Error ? (error.message.split("\n")[0] ?? "") : ""

const readFile = (flag: string, path: string): string => {
  try {
    return process.getBuiltinModule("node:fs").readFileSync(path, "utf8")
  } catch (error) {
    throw new UsageError(`${flag}: cannot read ${JSON.stringify(path)}: ${firstLine(error)}`)
  }
}

/** The parser's own message is left out: it quotes the file, which may contain a secret. */
const readJson = (flag: string, path: string): unknown => {
  const text = readFile(flag, path)
  try {
    // PowerShell writes a byte order mark.
    return JSON.parse(text.replace(/^\uFEFF/, ""))
  } catch {
    throw new UsageError(`${flag}: ${JSON.stringify(path)} is not valid JSON.`)
  }
}

/** Imports a module, which can compute its options and contain values that JSON cannot. */
const load = async (path: string): Promise<unknown> => {
  // Its message for a missing file is shorter than that of `import`.
  readFile("--config", path)
  const { pathToFileURL } = process.getBuiltinModule("node:url")
  const module: { readonly default?: unknown } = await import(pathToFileURL(path).href)
  return module.default
}

const readConfig = async (path: string): Promise<Record<string, unknown>> => {
  let config: unknown
  try {
    config = /\.[cm]?[jt]s$/.test(path) ? await load(path) : readJson("--config", path)
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`--config: cannot use ${JSON.stringify(path)}: ${firstLine(error)}`)
  }
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw badFlag("--config", path, "JSON with an object, or a module whose default export is one")
  }
  return { ...config }
}

/** The server habits in the file, as options. */
const readHabits = (path: string): MockServerOptions => {
  const habits = readJson("--like", path)
  try {
    return optionsFromHabits(habits)
  } catch (error) {
    throw error instanceof OptionError ? new UsageError(`${path}: ${error.option} ${error.problem}`) : error
  }
}

const readFaults = (origin: string, value: unknown): readonly FaultOrder[] => {
  if (value === undefined) return []
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) {
    throw new UsageError(`${origin}: faults must be an array of strings, each in the format of --fault.`)
  }
  return value.map((item) => readFault(item, `${origin}: faults`))
}

const readTls = (key: unknown, cert: unknown): ListenOptions["tls"] => {
  if (key === undefined && cert === undefined) return undefined
  if (key === undefined) throw new UsageError("--tls-cert needs --tls-key as well.")
  if (cert === undefined) throw new UsageError("--tls-key needs --tls-cert as well.")
  return { key: readFile("--tls-key", String(key)), cert: readFile("--tls-cert", String(cert)) }
}

/** Names that are not options of `createMockServer`, in a file and as flags. */
const ownNames = {
  file: ["port", "host", "faults"],
  flags: ["tlsKey", "tlsCert", "config", "like", "faultRate", "json"],
}

const without = (entries: Iterable<readonly [string, unknown]>, names: readonly string[]) =>
  [...entries].filter(([name]) => !names.includes(name))

/** Fails with a `UsageError`; the options themselves are checked by the server. */
export const readSettings = async ({ values, origins }: CommandLine): Promise<CommandSettings> => {
  const path = values.get("config")
  const file = typeof path === "string" ? await readConfig(path) : {}
  const either = (name: string): unknown => values.get(name) ?? file[name]
  const tls = readTls(values.get("tlsKey"), values.get("tlsCert"))
  const fileFaults = readFaults(String(path), file["faults"])
  const like = values.get("like")
  const habits = typeof like === "string" ? readHabits(like) : {}
  const options = Object.fromEntries([
    ...Object.entries(habits),
    ...without(Object.entries(file), ownNames.file),
    ...without(values, [...ownNames.file, ...ownNames.flags]),
  ])
  const listen = Object.fromEntries(
    Object.entries({ port: either("port") ?? defaultPort, host: either("host"), tls }).filter(
      ([, value]) => value !== undefined,
    ),
  )
  return {
    // Both are checked where they are used.
    options: options as MockServerOptions,
    listen: listen as ListenOptions,
    faults: (values.get("faults") as readonly FaultOrder[] | undefined) ?? fileFaults,
    faultRate: values.get("faultRate") as number | undefined,
    json: values.get("json") === true,
    origins: new Map([
      ...Object.keys(file).map((name) => [name, String(path)] as const),
      ["tls", "--tls-key and --tls-cert"] as const,
      ...origins,
    ]),
  }
}
