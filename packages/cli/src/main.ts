/** The command `ellipsis-oauth`: reads the command line, carries it out, and tells how it ended. */
import { readFileSync } from "node:fs"
import { CommandError } from "./CommandError.js"
import { type CommandLine, readCommandLine } from "./commandLine.js"
import { findFolders } from "./folders.js"
import { help } from "./help.js"
import { requireProfileName } from "./Profile.js"
import { perform } from "./perform.js"

/** The file is bundled into a folder of the package. */
const version = (): string =>
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version

const run = async (line: CommandLine): Promise<void> => {
  const { command, values } = line
  if (command === "help") {
    process.stdout.write(help())
    return
  }
  if (command === "version") {
    process.stdout.write(`${version()}\n`)
    return
  }
  const name = requireProfileName(values.profile)
  const folders = findFolders()
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
