/** Carries out a command, and tells how it ended. */
import { ConfigurationError, isTokenError, type TokenError } from "@ellipsis-oauth/node"
import { CommandError, exitCodes } from "./CommandError.js"
import type { CommandName } from "./flags.js"
import { login } from "./login.js"
import { logout } from "./logout.js"
import { loginAdvice } from "./Profile.js"
import { profiles } from "./profiles.js"
import { status } from "./status.js"
import { say, type Task } from "./Task.js"
import { token } from "./token.js"

const commands: Readonly<Record<CommandName, (task: Task) => Promise<void>>> = {
  login,
  token,
  status,
  logout,
  profiles,
}

const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

class Interrupted {
  readonly exitCode: number
  constructor(exitCode: number) {
    this.exitCode = exitCode
  }
}

export const perform = async (command: CommandName, request: Omit<Task, "signal">): Promise<void> => {
  const controller = new AbortController()
  for (const [name, exitCode] of Object.entries(signals)) {
    process.on(name, () => {
      // Once more, and nothing is waited for.
      if (controller.signal.aborted) process.exit(exitCode)
      controller.abort(new Interrupted(exitCode))
      // At once, though a refresh that is under way may take a moment more.
      say("ellipsis-oauth: interrupted.")
    })
  }
  try {
    await commands[command]({ ...request, signal: controller.signal })
  } catch (error) {
    if (error instanceof Interrupted) process.exitCode = error.exitCode
    else tell(error, request.name)
  }
}

/** One line on standard error, and the exit code. */
const tell = (error: unknown, name: string): void => {
  const [exitCode, message] = describe(error, name)
  process.exitCode = exitCode
  say(`ellipsis-oauth: ${message}`)
}

const describe = (error: unknown, name: string): readonly [exitCode: number, message: string] => {
  if (error instanceof CommandError) return [error.exitCode, error.message]
  if (isTokenError(error)) return [exitCodeOf(error), messageOf(error, name)]
  // A full disk, a folder that may not be written to.
  if (error instanceof Error && "syscall" in error) return [exitCodes.configuration, `${error.message}.`]
  return [1, error instanceof Error ? (error.stack ?? error.message) : String(error)]
}

const exitCodeOf = ({ action }: TokenError): number =>
  action === "login"
    ? exitCodes.loginRequired
    : action === "retry"
      ? exitCodes.temporary
      : exitCodes.configuration

const messageOf = (error: TokenError, name: string): string => {
  if (error instanceof ConfigurationError)
    return `${nameOf(error.option)} is ${error.got}, but it takes ${error.expected}.`
  const isRefused = error._tag === "TokenErrorResponse" && error.error === "invalid_client"
  return error.action === "login" || isRefused ? `${error.message} ${loginAdvice(name)}` : error.message
}

/** What the person calls an option. */
const nameOf = (option: string): string =>
  (
    ({
      baseUrl: "--base-url",
      clientAuthentication: "--client-authentication",
      clientId: "--client-id",
      clientSecret: "The client secret",
      path: "--path",
      port: "--port",
      redirectUri: "The redirect URI (of --host, --port and --path)",
      scope: "--scope",
      "keys[0].key": "The encryption key",
    }) as Readonly<Record<string, string>>
  )[option] ?? option
