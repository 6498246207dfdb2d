/** Every flag of the command, and the commands that take it, in the order in which the help shows them. */

export const commandNames = [
  "login",
  "import",
  "token",
  "status",
  "export",
  "logout",
  "profiles",
  "completion",
  "doctor",
] as const
export type CommandName = (typeof commandNames)[number]

/** What a command takes besides flags. */
export const argumentsOf: Readonly<Partial<Record<CommandName, readonly string[]>>> = {
  completion: ["bash", "zsh", "fish"],
}

export interface Flag {
  readonly commands: readonly CommandName[]
  /** What the help calls its value; a flag without one is a switch. */
  readonly value?: string
  readonly help: string
}

export const flags = {
  profile: {
    commands: ["login", "import", "token", "status", "export", "logout", "doctor"],
    value: "name",
    help: "Which login: lower-case letters, digits, . _ -. Default: $ELLIPSIS_OAUTH_PROFILE, or default.",
  },
  "client-id": {
    commands: ["login", "import", "doctor"],
    value: "id",
    help: "From the registration of your app. Default: the profile's, or $ELLIPSIS_OAUTH_CLIENT_ID.",
  },
  "base-url": {
    commands: ["login", "import", "doctor"],
    value: "url",
    help: "The API, where it is not the hosted one. Default: the profile's, or $ELLIPSIS_OAUTH_BASE_URL.",
  },
  port: {
    commands: ["login", "doctor"],
    value: "number",
    help: "Port of the redirect URI. Default: the profile's, or 8417; 0 is any free one, for servers that allow it.",
  },
  path: {
    commands: ["login", "doctor"],
    value: "path",
    help: "Path of the redirect URI. Default: the profile's, or /callback.",
  },
  host: {
    commands: ["login", "doctor"],
    value: "name",
    help: "Host of the redirect URI: 127.0.0.1 (the default) or localhost, as it is registered.",
  },
  scope: { commands: ["login", "doctor"], value: "scope", help: "Default: the server's." },
  "client-authentication": {
    commands: ["login", "import", "doctor"],
    value: "how",
    help: "body (the default with a client secret), basic, basic-raw, or none for a public client. Or $ELLIPSIS_OAUTH_CLIENT_AUTHENTICATION.",
  },
  "client-secret-file": {
    commands: ["login", "import", "doctor"],
    value: "file",
    help: "Holds the client secret. The profile remembers the file's name, so that token finds it again.",
  },
  "save-secret": {
    commands: ["login", "import"],
    help: "Keeps the client secret beside the tokens, so that token needs nothing to refresh.",
  },
  "encryption-key-file": {
    commands: ["login", "import", "token", "status", "export"],
    value: "file",
    help: "Holds 32 bytes in base64 (openssl rand -base64 32): tokens and secret are stored encrypted. The profile remembers the file's name.",
  },
  "no-browser": {
    commands: ["login", "doctor"],
    help: "Opens no browser: prints the URL, and takes the address that another machine's browser ended up at.",
  },
  timeout: {
    commands: ["login", "doctor"],
    value: "duration",
    help: "How long the person may take: 90s, 5m, 1h, or a number of seconds. Default: 5m.",
  },
  force: {
    commands: ["token"],
    help: "Refreshes now: for a token that the API has refused.",
  },
  "refresh-token-file": {
    commands: ["import"],
    value: "file",
    help: "Holds the refresh token; - is standard input. Default: $ELLIPSIS_OAUTH_REFRESH_TOKEN, or the person is asked.",
  },
  replace: {
    commands: ["import"],
    help: "Takes a refresh token that was imported before once more, in place of what came of it.",
  },
  keep: {
    commands: ["export"],
    help: "Stays signed in here as well: only where the server does not replace refresh tokens.",
  },
  output: {
    commands: ["doctor"],
    value: "folder",
    help: "Where the findings and the transcript are written. Default: the current folder.",
  },
  json: { commands: ["token", "status", "profiles"], help: "For programs." },
  forget: { commands: ["logout"], help: "Forgets the profile too." },
} as const satisfies Readonly<Record<string, Flag>>

export type FlagName = keyof typeof flags
