/** A person logs in with their browser. */
import { InvalidAuthorizationResponse, loopbackLogin, type TokenClient } from "@ellipsis-oauth/node"
import { CommandError } from "./CommandError.js"
import { usage } from "./commandLine.js"
import { inWords } from "./duration.js"
import { openInBrowser } from "./openInBrowser.js"
import { loginAdvice, type Profile } from "./Profile.js"
import { isInteractive } from "./prompt.js"
import { say, type Task } from "./Task.js"

/** Nobody is there to log in: told at once, and not after the time that a person may take. */
export const requirePerson = ({ line }: Task): void => {
  if (isInteractive() || line.switches.has("no-browser")) return
  throw usage(
    `${line.command} needs a person at a terminal, and there is no terminal. ${withoutTerminal(line.command)}`,
  )
}

const withoutTerminal = (command: string): string => {
  const program = "where a program reads the URL and writes the address that the browser ended up at, use"
  return command === "login"
    ? `In CI, cron and containers, start the profile with ellipsis-oauth import; ${program} login --no-browser`
    : `W${program.slice(1)} ${command} --no-browser`
}

export const logInByBrowser = async (
  { line, name, signal }: Task,
  client: TokenClient,
  { host, port, path, scope }: Profile,
  { key, timeout }: { readonly key?: string; readonly timeout: number },
): Promise<void> => {
  const noBrowser = line.switches.has("no-browser")
  const input = new AbortController()
  // At a terminal, Ctrl-D leaves the browser.
  const stopWatching = isInteractive() ? () => {} : whenEndedEmpty(() => input.abort())
  try {
    await loopbackLogin(client, {
      ...(key === undefined ? {} : { key }),
      host,
      port,
      path,
      ...(scope === undefined ? {} : { scope }),
      timeout,
      signal: AbortSignal.any([signal, input.signal]),
      print: say,
      openBrowser: noBrowser ? false : openInBrowser,
      paste: process.stdin,
    })
  } catch (error) {
    if (input.signal.aborted && !signal.aborted) {
      throw usage(
        `${line.command} needs a person, and standard input has ended. ${withoutTerminal(line.command)}`,
      )
    }
    const isOver = error instanceof InvalidAuthorizationResponse && error.reason === "expired"
    if (!isOver) throw error
    throw new CommandError(
      "loginRequired",
      `Nobody logged in within ${inWords(timeout)}. ${loginAdvice(name)}`,
    )
  } finally {
    stopWatching()
  }
}

/** Calls back where standard input ends and nothing came through it. */
const whenEndedEmpty = (onEnd: () => void): (() => void) => {
  const { stdin } = process
  let isEmpty = true
  const onData = () => {
    isEmpty = false
  }
  const onInputEnd = () => {
    if (isEmpty) onEnd()
  }
  stdin.on("data", onData).on("end", onInputEnd)
  return () => stdin.off("data", onData).off("end", onInputEnd)
}
