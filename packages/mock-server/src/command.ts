#!/usr/bin/env node
import { type CommandOutput, createOutput } from "./command/CommandOutput.js"
import { type CommandSettings, readSettings } from "./command/CommandSettings.js"
import { help } from "./command/help.js"
import { inTermsOf, readCommandLine } from "./command/readCommandLine.js"
/** The command `ellipsis-oauth-mock`: runs one server until the process is stopped. */
import { badFlag, UsageError } from "./command/UsageError.js"
import { OptionError } from "./common/OptionError.js"
import { createMockServer } from "./createMockServer.js"
import type { MockServer } from "./server/MockServer.js"

/** This file is bundled into a folder of the package: package.json is one folder up. */
const version = (): string => {
  const { readFileSync } = process.getBuiltinModule("node:fs")
  return JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version
}

const planFaults = (server: MockServer, { faults, faultRate, options }: CommandSettings): void => {
  for (const { fault, target, times } of faults) {
    if (times === undefined) server.faults.always(target, fault)
    else server.faults.next(target, ...Array.from({ length: times }, () => fault))
  }
  if (faultRate !== undefined) server.faults.schedule(options.seed ?? Math.random(), { rate: faultRate })
}

/** `lint()` reads the whole log, so it runs once for several new entries, not for each. */
const reportFindings = (server: MockServer, output: CommandOutput): (() => void) => {
  const reported = new Set<string>()
  let planned = false
  const report = () => {
    planned = false
    for (const finding of server.lint()) {
      const key = JSON.stringify(finding)
      if (!reported.has(key)) output.finding(finding)
      reported.add(key)
    }
  }
  return () => {
    if (server.log.length === 1) reported.clear()
    if (!planned) setTimeout(report, 100)
    planned = true
  }
}

/** An error of the operating system, with the flag that avoids it. */
const inTermsOfFlags = (
  { listen: { port, host } }: CommandSettings,
  error: unknown,
): UsageError | undefined => {
  switch (error instanceof Error && "code" in error ? error.code : undefined) {
    case "EADDRINUSE":
      return new UsageError(
        `--port: ${port} is already in use. Stop the other program, or choose another port (0 for any free one).`,
      )
    case "EACCES":
      return new UsageError(`--port: ${port} needs administrator rights. Choose a port above 1023.`)
    case "EADDRNOTAVAIL":
    case "EAI_AGAIN":
    case "EINVAL":
    case "ENOTFOUND":
      return badFlag("--host", host, "a name or address of this machine")
    default:
      return undefined
  }
}

const start = async (settings: CommandSettings): Promise<void> => {
  const output = createOutput(settings)
  const server = createMockServer(settings.options)
  planFaults(server, settings)
  await server.listen(settings.listen)
  output.start(server)
  const scheduleReport = reportFindings(server, output)
  server.subscribe((entry) => {
    output.entry(entry)
    if (!settings.json) scheduleReport()
  })
}

const end = (code: number, message: string): void => {
  process.stderr.write(`ellipsis-oauth-mock: ${message}\n`)
  process.exitCode = code
}

const isSupported = (): boolean => {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
  return major > 22 || (major === 22 && minor >= 19)
}

const run = async (): Promise<void> => {
  if (!isSupported()) {
    end(
      2,
      `needs Node.js 22.19 or later, got ${process.version}. Install a newer Node.js: https://nodejs.org`,
    )
    return
  }
  let settings: CommandSettings | undefined
  try {
    const line = readCommandLine(process.argv.slice(2))
    if (line.values.has("help")) process.stdout.write(help())
    else if (line.values.has("version")) process.stdout.write(`${version()}\n`)
    else {
      settings = await readSettings(line)
      await start(settings)
    }
  } catch (error) {
    if (error instanceof UsageError) end(2, error.message)
    else if (error instanceof OptionError) end(2, inTermsOf(error, settings?.origins ?? new Map()).message)
    else {
      const known = settings === undefined ? undefined : inTermsOfFlags(settings, error)
      end(
        known === undefined ? 1 : 2,
        known?.message ?? (error instanceof Error ? error.message : String(error)),
      )
    }
  }
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(0))
process.stdout.once("error", ({ code }: NodeJS.ErrnoException) => {
  // The program that reads the output, such as `head`, has ended.
  if (code === "EPIPE") process.exit(0)
  end(1, `standard output cannot be written to (${code}).`)
  process.exit()
})
// Nobody can be told.
process.stderr.on("error", () => {})

await run()
