/** All flags and the commands that accept them, in the order of the help text. */

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

/** The argument that a command accepts besides flags. */
export const argumentsOf: Readonly<Partial<Record<CommandName, readonly string[]>>> = {
  completion: ["bash", "zsh", "fish"],
}

export interface Flag {
  readonly commands: readonly CommandName[]
  /** Placeholder of the value in the help text; a flag without one is a switch. */
  readonly value?: string
  readonly help: string
}

export const flags = {
  profile: {
    commands: ["login", "import", "token", "status", "export", "logout", "doctor"],
    value: "name",
    help: "Name of the login: lower-case letters, digits, . _ -. Default: $ELLIPSIS_OAUTH_PROFILE, or default.",
  },
  "client-id": {
    commands: ["login", "import", "doctor"],
    value: "id",
    help: "From the registration of your app. Default: the profile's, or $ELLIPSIS_OAUTH_CLIENT_ID.",
  },
  "base-url": {
    commands: ["login", "import", "doctor"],
    value: "url",
    help: "Base URL of the API, if it is not the hosted service. Default: the profile's, or $ELLIPSIS_OAUTH_BASE_URL.",
  },
  port: {
    commands: ["login", "doctor"],
    value: "number",
    help: "Port of the redirect URI. Default: the profile's, or 8417. 0 for any free port, if the server allows that.",
  },
  path: {
    commands: ["login", "doctor"],
    value: "path",
    help: "Path of the redirect URI. Default: the profile's, or /callback.",
  },
  host: {
    commands: ["login", "doctor"],
    value: "name",
    help: "Host of the redirect URI: 127.0.0.1 (the default) or localhost, as registered.",
  },
  scope: { commands: ["login", "doctor"], value: "scope", help: "Scope to request. Default: the server's." },
  "client-authentication": {
    commands: ["login", "import", "doctor"],
    value: "how",
    help: "body (the default with a client secret), basic, basic-raw, or none for a public client. Or $ELLIPSIS_OAUTH_CLIENT_AUTHENTICATION.",
  },
  "client-secret-file": {
    commands: ["login", "import", "doctor"],
    value: "file",
    help: "File with the client secret. The profile remembers the path, so that token can read it later.",
  },
  "save-secret": {
    commands: ["login", "import"],
    help: "Saves the client secret with the tokens, so that token can refresh without asking for it.",
  },
  "encryption-key-file": {
    commands: ["login", "import", "token", "status", "export"],
    value: "file",
    help: "File with 32 bytes in base64 (openssl rand -base64 32). Encrypts the stored tokens and secret. The profile remembers the path.",
  },
  "no-browser": {
    commands: ["login", "doctor"],
    help: "Opens no browser: prints the URL for a browser on another machine, and reads the redirect URL from that browser.",
  },
  timeout: {
    commands: ["login", "doctor"],
    value: "duration",
    help: "How long to wait for the login: 90s, 5m, 1h, or a number of seconds. Default: 5m.",
  },
  force: {
    commands: ["token"],
    help: "Refreshes even if the token is still valid, for example after the API refused it.",
  },
  "refresh-token-file": {
    commands: ["import"],
    value: "file",
    help: "File with the refresh token; - is standard input. Default: $ELLIPSIS_OAUTH_REFRESH_TOKEN, or a prompt.",
  },
  replace: {
    commands: ["import"],
    help: "Imports a refresh token again that was imported before, and replaces the stored tokens.",
  },
  keep: {
    commands: ["export"],
    help: "Stays signed in here too. Only if the server does not rotate refresh tokens.",
  },
  output: {
    commands: ["doctor"],
    value: "folder",
    help: "Folder for the findings and the transcript. Default: the current folder.",
  },
  json: { commands: ["token", "status", "profiles"], help: "Prints JSON, for programs." },
  forget: { commands: ["logout"], help: "Deletes the profile too." },
} as const satisfies Readonly<Record<string, Flag>>

export type FlagName = keyof typeof flags
