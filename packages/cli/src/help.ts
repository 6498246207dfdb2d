/** What `--help` says, for somebody who has never heard of this. */
import { type CommandName, commandNames, type Flag, flags } from "./flags.js"

/** What each command does, in a few words. */
export const summaries: Readonly<Record<CommandName, string>> = {
  login: "log in with the browser",
  import: "start with a refresh token, without a browser: CI, cron",
  token: "print a valid access token, refreshed if it has to be",
  status: "who is logged in, until when, where that is stored",
  export: "hand the login on, as a refresh token for import",
  logout: "forget the tokens",
  profiles: "list the logins: --profile <name> keeps them apart",
  doctor: "log in once, and tell how the server behaves",
  completion: "print the completion for bash, zsh or fish",
}

/** In columns. */
const widest = 84

/** A narrower terminal has each flag on a line of its own. */
const narrow = 70

/** The words in lines, each after the blanks. */
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

/** Paragraphs anew, where lines are too long; what is indented has lines of its own. */
const reflow = (text: string, width: number): string => {
  if (width >= widest) return text
  const joined = text.replaceAll(/([^\n:])\n(?=[^\s])/g, (match, before: string) =>
    // A title stands above its list.
    match.length === 2 ? `${before} ` : match,
  )
  return joined
    .split("\n")
    .map((line) => {
      if (line.length <= width) return line
      const [, left, right] = /^( {2}\S.*?) {2,}([^#\s].*)$/.exec(line) ?? []
      if (left !== undefined && right !== undefined) return `${left}\n${wrap(right, "      ", width)}`
      // A command is copied as it is.
      return line.startsWith(" ") ? line : wrap(line, "", width)
    })
    .join("\n")
}

/** @param columns of the terminal */
export const help = (columns = widest): string => {
  const width = Math.max(30, Math.min(widest, columns))
  return reflow(textOf(width), width)
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

In CI, cron and containers, with nobody to log in:

  export ELLIPSIS_OAUTH_CLIENT_ID=your-client-id
  export ELLIPSIS_OAUTH_REFRESH_TOKEN=...   # what ellipsis-oauth export prints elsewhere
  ellipsis-oauth token

${flagsOf("Flags of login, import and doctor", width, isForLogin)}

${flagsOf("Flags of several commands", width, (flag) => flag.commands.length > 1 && !isForLogin(flag))}

${flagsOf("Flags of the others", width, (flag) => flag.commands.length === 1 && !isForLogin(flag))}

Secrets are never arguments. The client secret comes from --client-secret-file,
$ELLIPSIS_OAUTH_CLIENT_SECRET, or the person, who is asked; it is not kept unless
--save-secret says so. $ELLIPSIS_OAUTH_ENCRYPTION_KEY or --encryption-key-file encrypts
tokens and secret. Each of these variables, and $ELLIPSIS_OAUTH_REFRESH_TOKEN, can name
a file instead: $ELLIPSIS_OAUTH_CLIENT_SECRET_FILE.

$ELLIPSIS_OAUTH_HOME is the folder for profiles and tokens. $HTTPS_PROXY, $HTTP_PROXY and
$NO_PROXY are honoured; $NODE_EXTRA_CA_CERTS names a private certificate authority.

Exit codes
  0    done; of status: somebody is logged in
  1    a fault of this program
  2    the command line cannot be carried out
  3    a login is needed
  4    a failure that passes: the network, the server, a locked store. Try again.
  5    something has to be set right: the client's registration, a port, a file
  130  interrupted
`
