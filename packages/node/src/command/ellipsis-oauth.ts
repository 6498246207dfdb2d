#!/usr/bin/env node
/** The command `ellipsis-oauth`. What a valid token does not need is loaded after it was looked for. */
import { readFileSync } from "node:fs"
import { CommandError } from "./CommandError.js"
import { type CommandLine, readCommandLine } from "./commandLine.js"
import { findFolders, storeFile } from "./folders.js"
import { readFreshToken } from "./freshToken.js"
import { readProfile, requireProfileName } from "./Profile.js"

/** The file is bundled, and its package two folders up. */
const version = (): string =>
  JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version

const run = async (line: CommandLine): Promise<void> => {
  const { command, values, switches } = line
  if (command === "help") {
    process.stdout.write((await import("./help.js")).help())
    return
  }
  if (command === "version") {
    process.stdout.write(`${version()}\n`)
    return
  }
  const name = requireProfileName(values.profile)
  const folders = findFolders()
  if (command === "token" && !switches.has("force")) {
    const profile = readProfile(folders.config, name)
    const keyFile = values["encryption-key-file"]
    const token = profile && (await readFreshToken(storeFile(folders.data), name, profile, keyFile))
    if (token !== undefined) {
      process.stdout.write(`${token}\n`)
      return
    }
  }
  const { perform } = await import("./perform.js")
  await perform(command, { line, name, folders })
}

// Node.js 22 warns of its SQLite, which is nothing to whoever wants a token.
process.removeAllListeners("warning")

// Whoever reads the output has left, as `head` does.
process.stdout.on("error", () => process.exit())
process.stderr.on("error", () => process.exit())

try {
  await run(readCommandLine(process.argv.slice(2)))
} catch (error) {
  if (!(error instanceof CommandError)) throw error
  process.stderr.write(`ellipsis-oauth: ${error.message}\n`)
  process.exitCode = error.exitCode
}
