/** The input of every command, and its output functions. */
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

/** Prints to standard output, for programs. */
export const print = (text: string): void => {
  process.stdout.write(`${plainText(text)}\n`)
}

/** Prints to standard error, for people. */
export const say = (text: string): void => {
  process.stderr.write(`${plainText(text)}\n`)
}
