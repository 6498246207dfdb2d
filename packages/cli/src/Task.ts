/** What every command is given. */
import type { CommandLine } from "./commandLine.js"
import type { Folders } from "./folders.js"

export interface Task {
  readonly line: CommandLine
  /** The profile's name. */
  readonly name: string
  readonly folders: Folders
  /** Aborts when the person interrupts. */
  readonly signal: AbortSignal
}

/** What a program reads. */
export const print = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

/** What a person reads. */
export const say = (text: string): void => {
  process.stderr.write(`${text}\n`)
}
