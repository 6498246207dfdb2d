/** Asks a person at the terminal. Prompts go to standard error, because standard output may be captured. */
import { CommandError } from "./CommandError.js"

export const isInteractive = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true

interface Key {
  readonly name?: string
  readonly ctrl?: boolean
}

/**
 * Reads one line; `hidden` text is not shown while it is typed. The state of the terminal is always restored.
 *
 * @throws the signal's reason, and CommandError if the input ends
 */
export const prompt = async (
  question: string,
  { hidden, signal }: { readonly hidden: boolean; readonly signal: AbortSignal },
): Promise<string> => {
  signal.throwIfAborted()
  const ended = new AbortController()
  // In raw mode Ctrl-D is a key; the prompt would close without settling its promise.
  const onKey = (_: unknown, { ctrl, name }: Key = {}) => {
    if (ctrl === true && name === "d") setImmediate(() => ended.abort())
  }
  process.stdin.on("keypress", onKey)
  const context = { output: process.stderr, signal: AbortSignal.any([signal, ended.signal]) }
  try {
    if (hidden) {
      const { default: password } = await import("@inquirer/password")
      return (await password({ message: question, mask: false, toggleMask: false }, context)).trim()
    }
    const { default: input } = await import("@inquirer/input")
    return (await input({ message: question }, context)).trim()
  } catch (error) {
    signal.throwIfAborted()
    if (ended.signal.aborted) throw new CommandError("usage", "The input ended before a value was entered.")
    if (!(error instanceof Error) || error.name !== "ExitPromptError") throw error
    // In raw mode Ctrl-C is a key, too. A real signal would arrive too late: nothing else keeps the process alive.
    process.emit("SIGINT")
    throw signal.reason
  } finally {
    process.stdin.off("keypress", onKey)
  }
}
