/** Reports a failure: one line on standard error, and the exit code. */
import { ConfigurationError, isTokenError, type TokenError } from "@ellipsis-oauth/node"
import { CommandError, exitCodes } from "./CommandError.js"
import { homeAdvice } from "./folders.js"
import { loginAdvice } from "./Profile.js"
import { proxyVariables } from "./proxy.js"
import { print, say, type Task } from "./Task.js"

type Context = Partial<Pick<Task, "line" | "name" | "secrets">>

export const reportFailure = (error: unknown, context: Context): void => {
  const [exitCode, message] = describe(error, context)
  process.exitCode = exitCode
  say(`ellipsis-oauth: ${message}`)
  const { line, name } = context
  // A program that parses the output always gets JSON, except from `token`: an error must not look like a token.
  if (line?.switches.has("json") !== true || line.command === "token") return
  const status = exitCode === exitCodes.loginRequired ? "signedOut" : "unknown"
  print(
    JSON.stringify(
      line.command === "status" ? { profile: name, status, error: message } : { error: message },
    ),
  )
}

const describe = (error: unknown, context: Context): readonly [exitCode: number, message: string] => {
  if (error instanceof CommandError) return [error.exitCode, error.message]
  if (isTokenError(error)) return [exitCodeOf(error), messageOf(error, context)]
  // Such as a full disk or a folder without write permission.
  if (error instanceof Error && "syscall" in error) {
    const isHome = "code" in error && /^(EACCES|EPERM|EROFS|EEXIST|ENOENT|ENOTDIR)$/.test(String(error.code))
    return [exitCodes.configuration, `${error.message}.${isHome ? ` ${homeAdvice}` : ""}`]
  }
  return [1, error instanceof Error ? (error.stack ?? error.message) : String(error)]
}

const exitCodeOf = ({ action }: TokenError): number =>
  action === "login"
    ? exitCodes.loginRequired
    : action === "retry"
      ? exitCodes.temporary
      : exitCodes.configuration

const messageOf = (error: TokenError, { name = "default", secrets }: Context): string => {
  if (error instanceof ConfigurationError) {
    // The command has no such option.
    const expected = error.expected.replace(", or with allowInsecure: true", "")
    return `${nameOf(error.option)} must be ${expected}, got ${error.got}.${sourceHint(secrets?.sourceOf("encryptionKey"), error.option === "keys[0].key")}`
  }
  switch (error._tag) {
    case "TokenErrorResponse": {
      if (error.error !== "invalid_client") break
      const message = error.message.replace(
        /Hint: the server may not accept a client without a secret;.*$/,
        noSecretHint,
      )
      return `${message}${sourceHint(secrets?.sourceOf("clientSecret"), true)} ${loginAdvice(name)}`
    }
    case "TokenStoreError": {
      const isPermission =
        error.reason === "unusable" && error.detail?.includes("must be allowed to write") === true
      const advice = isPermission ? ` A command that only reads needs that too. ${homeAdvice}` : ""
      // The key in the store has the client in front of the profile's name.
      return `${error.at(name).message}${advice}${sourceHint(secrets?.sourceOf("encryptionKey"), error.reason === "wrongKey")}`
    }
    case "TransportError": {
      const [variable] = proxyVariables(process.env)
      const hint = error.hint?.startsWith("Its certificate authority is not known here")
        ? authorityHint
        : undefined
      const message = hint === undefined ? error.message : error.message.replace(error.hint ?? "", hint)
      return variable === undefined ? message : `${message} The proxy in ${variable} may be in use.`
    }
    case "LoginRequired": {
      const source = secrets?.sourceOf("refreshToken")
      if (error.reason !== "revoked" || source === undefined) break
      return `The server no longer accepts the refresh token from ${source}, or the token that replaced it. Log in on a machine with a browser, run ellipsis-oauth export there, and put its output in ${source}.`
    }
  }
  return error.action === "login" ? `${error.message} ${loginAdvice(name)}` : error.message
}

const authorityHint =
  "The server's certificate authority is not trusted. Set NODE_EXTRA_CA_CERTS to the PEM file of the authority, or NODE_USE_SYSTEM_CA=1 if the system trusts it."

const noSecretHint =
  "The request had no client secret. If the client has one, set $ELLIPSIS_OAUTH_CLIENT_SECRET or use --client-secret-file."

const sourceHint = (source: string | undefined, isAbout: boolean): string =>
  source !== undefined && isAbout ? ` The value in use came from ${source}.` : ""

/** The name of an option on the command line. */
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
      refreshToken: "The refresh token",
      scope: "--scope",
      "keys[0].key": "The encryption key",
    }) as Readonly<Record<string, string>>
  )[option] ?? option
