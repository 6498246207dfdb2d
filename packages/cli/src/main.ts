/** The command `ellipsis-oauth`: reads the command line, runs the command, and reports failures. */
import { readFileSync } from "node:fs"
import { type CommandLine, readCommandLine } from "./commandLine.js"
import { findFolders } from "./folders.js"
import { help } from "./help.js"
import { requireProfileName } from "./Profile.js"
import { perform } from "./perform.js"
import { reportFailure } from "./reportFailure.js"
import { Secrets } from "./Secrets.js"
import { print, say } from "./Task.js"

/** This file is bundled into a folder of the package: package.json is one folder up. */
const version = (): string =>
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version

const run = async (line: CommandLine): Promise<void> => {
  const { command, values } = line
  if (command === "help") {
    print(help(process.stdout.columns, line.about).trimEnd())
    return
  }
  if (command === "version") {
    print(version())
    return
  }
  try {
    const name = requireProfileName(values.profile)
    await perform(command, { line, name, folders: findFolders(), secrets: new Secrets(process.env) })
  } catch (error) {
    reportFailure(error, { line })
  }
}

// Node.js 22 warns that its SQLite is experimental. Users of this command cannot change that.
process.removeAllListeners("warning")
process.on("warning", ({ name, message }) => {
  if (name !== "ExperimentalWarning") say(`ellipsis-oauth: ${message}`)
})

// `print` and `deliver` report it. The reader, such as `head`, may have ended, which is no failure.
process.stdout.on("error", () => {})
// The program that reads the messages has ended.
process.stderr.on("error", () => process.exit())

try {
  await run(readCommandLine(process.argv.slice(2)))
} catch (error) {
  reportFailure(error, {})
}
