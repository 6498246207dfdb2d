/** The output of `--help`. */
import { argumentsOf, type CommandName, commandNames, type Flag, flags } from "./flags.js"

/** A short summary of each command. */
export const summaries: Readonly<Record<CommandName, string>> = {
  login: "log in with the browser",
  import: "log in with a refresh token, without a browser: CI, cron",
  token: "print a valid access token; refreshes it if needed",
  status: "show the account, the expiry and the token store",
  export: "print the refresh token for import on another machine",
  logout: "delete the tokens",
  profiles: "list the profiles (one login each, see --profile)",
  doctor: "log in once and report how the server behaves",
  completion: "print the completion script for bash, zsh or fish",
}

/** What to type, for commands that are of no use alone. */
const examples: Readonly<Partial<Record<CommandName, string>>> = {
  login: `\
  ellipsis-oauth login --client-id your-client-id
  ellipsis-oauth login --no-browser   # over SSH`,
  import: `\
  ellipsis-oauth import --client-id your-client-id --refresh-token-file token.txt`,
  token: `\
  curl -H "Authorization: Bearer $(ellipsis-oauth token)" \\
    https://api.ellipsis-drive.com/v3/account`,
  completion: `\
  source <(ellipsis-oauth completion bash)`,
  doctor: `\
  ellipsis-oauth doctor --client-id your-client-id`,
}

/** Maximum width, in columns. */
const maxWidth = 84

/** On a narrower terminal, each flag has its own line. */
const narrow = 70

/** Wraps text at `width`; each line starts with `indent`. */
const wrap = (text: string, indent: string, width: number): string => {
  const lines: string[] = []
  for (const word of text.split(" ")) {
    const line = lines.at(-1)
    if (line === undefined || line.length + word.length >= width) lines.push(indent + word)
    else lines[lines.length - 1] = `${line} ${word}`
  }
  return lines.join("\n")
}

const describeFlag = ([name, { value, help }]: readonly [string, Flag], width: number): string => {
  const left = `  --${name}${value === undefined ? "" : ` <${value}>`}`
  if (width < narrow) return `${left}\n${wrap(help, "      ", width)}`
  const column = 30
  const text = wrap(help, " ".repeat(column), width)
  return left.length < column ? left + text.slice(left.length) : `${left}\n${text}`
}

const flagsOf = (title: string, width: number, isMember: (flag: Flag) => boolean): string =>
  `${title}\n${Object.entries<Flag>(flags)
    .filter(([, flag]) => isMember(flag))
    .map((flag) => describeFlag(flag, width))
    .join("\n")}`

const isForLogin = ({ commands }: Flag): boolean =>
  commands.every((name) => name === "login" || name === "import" || name === "doctor") &&
  commands.includes("login")

/** Wraps paragraphs whose lines are too long; indented lines stay separate. */
const reflow = (text: string, width: number): string => {
  if (width >= maxWidth) return text
  const joined = text.replaceAll(/([^\n:])\n(?=[^\s])/g, (match, before: string) =>
    // A title stays on the line above its list.
    match.length === 2 ? `${before} ` : match,
  )
  return joined
    .split("\n")
    .map((line) => {
      if (line.length <= width) return line
      const [, left, right] = /^( {2}\S.*?) {2,}([^#\s].*)$/.exec(line) ?? []
      if (left !== undefined && right !== undefined) return `${left}\n${wrap(right, "      ", width)}`
      // A command must stay on one line, so that it can be copied.
      return line.startsWith(" ") ? line : wrap(line, "", width)
    })
    .join("\n")
}

/**
 * @param columns of the terminal
 * @param command the one to explain; all of them if left out
 */
export const help = (columns = maxWidth, command?: CommandName): string => {
  const width = Math.max(30, Math.min(maxWidth, columns))
  return reflow(command === undefined ? textOf(width) : textOfCommand(command, width), width)
}

const textOfCommand = (command: CommandName, width: number): string => {
  const own = ({ commands }: Flag): boolean => commands.includes(command)
  const choices = argumentsOf[command]
  const words = [
    "ellipsis-oauth",
    command,
    ...(choices === undefined ? [] : [`<${choices.join("|")}>`]),
    ...(Object.values<Flag>(flags).some(own) ? ["[flags]"] : []),
  ]
  const example = examples[command]
  return `${[
    `${words.join(" ")}: ${summaries[command]}`,
    ...(example === undefined ? [] : [`Example:\n\n${example}`]),
    ...(Object.values<Flag>(flags).some(own) ? [flagsOf("Flags", width, own)] : []),
    "ellipsis-oauth --help explains all commands, secrets, variables and exit codes.",
  ].join("\n\n")}\n`
}

const textOf = (width: number): string => `\
ellipsis-oauth: access tokens of Ellipsis Drive for people and scripts on this machine.

${commandNames.map((name) => `  ellipsis-oauth ${name.padEnd(11)} ${summaries[name]}`).join("\n")}

Register an app at Ellipsis Drive, with http://127.0.0.1:8417/callback as its redirect
URI, and log in with its client id:

  ellipsis-oauth login --client-id your-client-id
  curl -H "Authorization: Bearer $(ellipsis-oauth token)" \\
    https://api.ellipsis-drive.com/v3/account

Over SSH:

  ellipsis-oauth login --no-browser

In CI, cron and containers, without a browser:

  export ELLIPSIS_OAUTH_CLIENT_ID=your-client-id
  export ELLIPSIS_OAUTH_REFRESH_TOKEN=...   # from: ellipsis-oauth export
  ellipsis-oauth token

${flagsOf("Flags of login, import and doctor", width, isForLogin)}

${flagsOf("Flags of several commands", width, (flag) => flag.commands.length > 1 && !isForLogin(flag))}

${flagsOf("Flags of one command", width, (flag) => flag.commands.length === 1 && !isForLogin(flag))}

Secrets are never arguments. The client secret is read from --client-secret-file,
$ELLIPSIS_OAUTH_CLIENT_SECRET or a prompt. It is saved only with --save-secret.
$ELLIPSIS_OAUTH_ENCRYPTION_KEY or --encryption-key-file encrypts tokens and secret.
Each of these variables, and $ELLIPSIS_OAUTH_REFRESH_TOKEN, has a variant that names a
file instead, such as $ELLIPSIS_OAUTH_CLIENT_SECRET_FILE.

$ELLIPSIS_OAUTH_HOME is the folder for profiles and tokens. $HTTPS_PROXY, $HTTP_PROXY,
$ALL_PROXY and $NO_PROXY are used; $NODE_EXTRA_CA_CERTS names a private certificate
authority.

Exit codes
  0    success; for status: signed in
  1    internal error: a bug in this program
  2    the command line is wrong, or a login has no terminal
  3    a login is needed
  4    temporary failure: the network, the server, a locked store. Try again.
  5    configuration error: the client's registration, a port, a file
  130  interrupted by Ctrl-C (129: the terminal was closed; 143: SIGTERM)
`
