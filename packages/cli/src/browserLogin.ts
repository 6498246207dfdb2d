/** Logs a person in with their browser. */
import { InvalidAuthorizationResponse, loopbackLogin, type TokenClient } from "@ellipsis-oauth/node"
import { CommandError } from "./CommandError.js"
import { usage } from "./commandLine.js"
import { inWords } from "./duration.js"
import { openInBrowser } from "./openInBrowser.js"
import { loginAdvice, type Profile } from "./Profile.js"
import { isInteractive } from "./prompt.js"
import { say, type Task } from "./Task.js"

/** Fails at once if there is no terminal, instead of waiting for the timeout. */
export const requirePerson = ({ line }: Task): void => {
  if (isInteractive() || line.switches.has("no-browser")) return
  throw usage(`${line.command} needs a terminal, and there is none. ${withoutTerminal(line.command)}`)
}

const withoutTerminal = (command: string): string => {
  const forPrograms = `To run it from another program, use ${command} --no-browser: it prints the URL and reads the redirect URL from standard input`
  return command === "login"
    ? `In CI, cron and containers, use ellipsis-oauth import. ${forPrograms}`
    : forPrograms
}

export const logInByBrowser = async (
  { line, name, signal }: Task,
  client: TokenClient,
  { host, port, path, scope }: Profile,
  { key, timeout }: { readonly key?: string; readonly timeout: number },
): Promise<void> => {
  const noBrowser = line.switches.has("no-browser")
  const input = new AbortController()
  // At a terminal, the login in the browser continues after Ctrl-D.
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
      throw usage(`Standard input ended before the login was complete. ${withoutTerminal(line.command)}`)
    }
    const isOver = error instanceof InvalidAuthorizationResponse && error.reason === "expired"
    if (!isOver) throw error
    throw new CommandError(
      "loginRequired",
      `The login was not completed within ${inWords(timeout)}. ${loginAdvice(name)}`,
    )
  } finally {
    stopWatching()
  }
}

/** Calls back if standard input ends without any data. */
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
