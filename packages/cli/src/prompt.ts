/** Asks a person at the terminal. Questions go to standard error: standard output may be captured. */
import { CommandError } from "./CommandError.js"

export const isInteractive = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true

/**
 * Reads one line; a hidden one is not shown while it is typed. The terminal is as it was when this ends, however it
 * ends.
 *
 * @throws the signal's reason, and CommandError where the input ends
 */
export const prompt = (
  question: string,
  options: { readonly hidden: boolean; readonly signal: AbortSignal },
) => (options.hidden ? promptHidden(question, options.signal) : promptVisible(question, options.signal))

const promptVisible = async (question: string, signal: AbortSignal): Promise<string> => {
  const { createInterface } = process.getBuiltinModule("node:readline/promises")
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  // In this mode Ctrl-C is a key.
  lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"))
  const ended = new Promise<never>((_, reject) => {
    lines.on("close", () => reject(signal.aborted ? signal.reason : inputEnded()))
  })
  try {
    return (await Promise.race([lines.question(question, { signal }), ended])).trim()
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  } finally {
    ended.catch(() => {})
    lines.close()
  }
}

const keys = { interrupt: "\u0003", end: "\u0004", backspace: "\b", delete: "\u007f", eraseLine: "\u0015" }

const promptHidden = (question: string, signal: AbortSignal): Promise<string> =>
  new Promise((resolve, reject) => {
    const { stdin, stderr } = process
    let typed = ""
    const finish = (settle: () => void) => {
      stdin.off("data", onData).off("end", onEnd).pause()
      process.off("exit", restore)
      signal.removeEventListener("abort", onAbort)
      restore()
      stderr.write("\n")
      settle()
    }
    const restore = () => stdin.setRawMode(false)
    const onAbort = () => finish(() => reject(signal.reason))
    const onEnd = () => finish(() => reject(inputEnded()))
    const onData = (text: string) => {
      for (const key of text) {
        if (key === keys.interrupt) return void process.kill(process.pid, "SIGINT")
        if (key === "\r" || key === "\n") return finish(() => resolve(typed))
        if (key === keys.end && typed === "") return onEnd()
        if (key === keys.eraseLine) typed = ""
        else if (key === keys.backspace || key === keys.delete) typed = [...typed].slice(0, -1).join("")
        else if (key >= " ") typed += key
      }
    }
    if (signal.aborted) return reject(signal.reason)
    process.once("exit", restore)
    signal.addEventListener("abort", onAbort, { once: true })
    stdin.setRawMode(true)
    stderr.write(question)
    stdin.setEncoding("utf8").on("data", onData).on("end", onEnd).resume()
  })

const inputEnded = (): CommandError => new CommandError("usage", "The input ended before the answer.")
