/** The input of every command, and its output functions. */
import { CommandError } from "./CommandError.js"
import type { CommandLine } from "./commandLine.js"
import type { Folders } from "./folders.js"
import { plainText } from "./plainText.js"
import type { Secrets } from "./Secrets.js"

export interface Task {
  readonly line: CommandLine
  /** The profile's name. */
  readonly name: string
  readonly folders: Folders
  readonly secrets: Secrets
  /** Aborts when the user interrupts the command. */
  readonly signal: AbortSignal
}

/** Prints to standard output, for programs. If that fails, the command fails, unless the reader has ended. */
export const print = (text: string): void => {
  deliver(text).catch((error: CommandError) => {
    const { code } = error.cause as NodeJS.ErrnoException
    if (code === "EPIPE" || code === "ERR_STREAM_DESTROYED") return
    process.exitCode = error.exitCode
    say(`ellipsis-oauth: ${error.message}`)
  })
}

/** Prints to standard output, and waits until it is written. @throws CommandError, whatever the reason */
export const deliver = (text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    process.stdout.write(`${plainText(text)}\n`, (cause: NodeJS.ErrnoException | null | undefined) => {
      if (cause === null || cause === undefined) resolve()
      else reject(new CommandError("configuration", `${cannotWrite} (${cause.code}).`, { cause }))
    })
  })

const cannotWrite = "Standard output cannot be written to"

/** Prints to standard error, for people. */
export const say = (text: string): void => {
  process.stderr.write(`${plainText(text)}\n`)
}
