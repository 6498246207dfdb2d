/** What every command is given. */
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
  /** Aborts when the person interrupts. */
  readonly signal: AbortSignal
}

/** What a program reads. */
export const print = (text: string): void => {
  process.stdout.write(`${plainText(text)}\n`)
}

/** What a person reads. */
export const say = (text: string): void => {
  process.stderr.write(`${plainText(text)}\n`)
}
