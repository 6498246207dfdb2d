/** All flags of the command, in the order of the help text. */
import {
  type ReadValue,
  readChoice,
  readClient,
  readDuration,
  readFault,
  readHostName,
  readPort,
  readRate,
  readRefreshTokenLifetime,
  readRotation,
  readText,
  readUser,
} from "./flagValues.js"

export interface Flag {
  readonly group: string
  readonly short?: string
  /** Placeholder of the value in the help text; a flag without one is a switch. */
  readonly value?: string
  /** Can be given several times. */
  readonly many?: boolean
  /** The option that it sets. */
  readonly option: string
  readonly help: string
  readonly read: ReadValue<unknown>
}

const on: ReadValue<true> = () => true

const off: ReadValue<false> = () => false

const where = "Address and access"
const who = "Clients and users"
const how = "Behaviour"
const wrong = "Faults"
const output = "Output"

export const flags = {
  port: {
    group: where,
    short: "p",
    value: "number",
    option: "port",
    help: "Default: 4400. 0 for any free port.",
    read: readPort,
  },
  host: {
    group: where,
    value: "name",
    option: "host",
    help: "Default: 127.0.0.1. 0.0.0.0 lets every machine in the network connect.",
    read: readText,
  },
  "tls-key": {
    group: where,
    value: "file",
    option: "tlsKey",
    help: "PEM file of the key; with --tls-cert the server uses HTTPS.",
    read: readText,
  },
  "tls-cert": {
    group: where,
    value: "file",
    option: "tlsCert",
    help: "PEM file of the certificate.",
    read: readText,
  },
  "allow-host": {
    group: where,
    value: "name",
    many: true,
    option: "allowedHosts",
    help: "Host name that requests for the page and the remote control may use, besides localhost and IP addresses.",
    read: readHostName,
  },
  "remote-control": {
    group: where,
    option: "remoteControl",
    help: "Lets tests in any language control the server through /__mock/ (see /__mock/openapi.json).",
    read: on,
  },
  config: {
    group: where,
    short: "c",
    value: "file",
    option: "config",
    help: "JSON, or a module (.js, .mjs) with a default export: any option of createMockServer, and port, host, faults. Flags override it.",
    read: readText,
  },

  client: {
    group: who,
    value: "client",
    many: true,
    option: "clients",
    help: "id:secret@redirect-uri, or id@redirect-uri for a public client; separate several URIs by commas. Default: demo-app:demo-secret and demo-spa, both at /callback and /auth/callback on any port of this machine.",
    read: readClient,
  },
  user: {
    group: who,
    value: "name",
    many: true,
    option: "users",
    help: "A user who can log in. Default: demo.",
    read: readUser,
  },
  consent: {
    group: who,
    option: "autoApprove",
    help: "Shows a page that asks the user to approve.",
    read: off,
  },
  "auto-approve": {
    group: who,
    option: "autoApprove",
    help: "Approves every login at once (the default).",
    read: on,
  },

  like: {
    group: how,
    value: "file",
    option: "like",
    help: "JSON file that describes how a real server behaves (format ellipsis-oauth/server-habits@1, see the guide to the mock server). Flags and --config override it.",
    read: readText,
  },
  "code-lifetime": {
    group: how,
    value: "duration",
    option: "codeLifetime",
    help: "Default: 1m.",
    read: readDuration,
  },
  "access-token-lifetime": {
    group: how,
    value: "duration",
    option: "accessTokenLifetime",
    help: "Default: 1h.",
    read: readDuration,
  },
  "refresh-token-lifetime": {
    group: how,
    value: "duration",
    option: "refreshTokenLifetime",
    help: "Default: unlimited.",
    read: readRefreshTokenLifetime,
  },
  rotation: {
    group: how,
    value: "mode",
    option: "rotation",
    help: "What a refresh does to the refresh token: off (the token stays the same; the default), always (a new token each time), or how long the old token still works, such as 30s.",
    read: readRotation,
  },
  pkce: {
    group: how,
    value: "mode",
    option: "pkce",
    help: "optional (the default) or required.",
    read: readChoice("optional", "required"),
  },
  "code-parameter": {
    group: how,
    value: "name",
    option: "codeParameter",
    help: "Name of the code parameter at the token endpoint: authorization_code (the default, as at Ellipsis Drive) or code (RFC 6749, for other clients).",
    read: readChoice("authorization_code", "code"),
  },
  "error-format": {
    group: how,
    value: "format",
    option: "errorFormat",
    help: "rfc6749 (the default), message or text.",
    read: readChoice("rfc6749", "message", "text"),
  },
  seed: {
    group: how,
    value: "text",
    option: "seed",
    help: "The same seed gives the same codes and tokens.",
    read: readText,
  },

  fault: {
    group: wrong,
    value: "fault",
    many: true,
    option: "faults",
    help: "name, name@endpoint or name@endpoint:times, or JSON instead of the name. Without an endpoint: token. Without a number: every request.",
    read: readFault,
  },
  "fault-rate": {
    group: wrong,
    value: "share",
    option: "faultRate",
    help: "Share of the token requests that get a random temporary fault, such as 0.3. The same --seed gives the same faults.",
    read: readRate,
  },

  json: {
    group: output,
    option: "json",
    help: "Prints JSON lines: first the URL, then one log entry for each request. Other output goes to standard error.",
    read: on,
  },
  help: { group: output, short: "h", option: "help", help: "Prints this text.", read: on },
  version: { group: output, short: "v", option: "version", help: "Prints the version.", read: on },
} as const satisfies Readonly<Record<string, Flag>>
