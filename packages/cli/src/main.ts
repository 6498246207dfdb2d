/** The command `ellipsis-oauth`: reads the command line, carries it out, and tells how it ended. */
import { readFileSync } from "node:fs"
import { type CommandLine, readCommandLine } from "./commandLine.js"
import { findFolders } from "./folders.js"
import { help } from "./help.js"
import { requireProfileName } from "./Profile.js"
import { perform } from "./perform.js"
import { Secrets } from "./Secrets.js"
import { say } from "./Task.js"
import { tell } from "./tell.js"

/** The file is bundled into a folder of the package. */
const version = (): string =>
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version

const run = async (line: CommandLine): Promise<void> => {
  const { command, values } = line
  if (command === "help") {
    process.stdout.write(help(process.stdout.columns))
    return
  }
  if (command === "version") {
    process.stdout.write(`${version()}\n`)
    return
  }
  try {
    const name = requireProfileName(values.profile)
    await perform(command, { line, name, folders: findFolders(), secrets: new Secrets(process.env) })
  } catch (error) {
    tell(error, { line })
  }
}

// Node.js 22 warns that its SQLite is experimental, which nobody who wants a token can do anything about.
process.removeAllListeners("warning")
process.on("warning", ({ name, message }) => {
  if (name !== "ExperimentalWarning") say(`ellipsis-oauth: ${message}`)
})

// Whoever reads the output has left, as `head` does.
process.stdout.on("error", () => process.exit())
process.stderr.on("error", () => process.exit())

try {
  await run(readCommandLine(process.argv.slice(2)))
} catch (error) {
  tell(error, {})
}
