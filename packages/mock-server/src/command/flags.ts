/** Every flag of the command, in the order in which the help shows them. */
import {
  type ReadValue,
  readChoice,
  readClient,
  readDuration,
  readFault,
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
  /** What the help calls its value; a flag without one is a switch. */
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

const where = "Where it listens"
const who = "Who takes part"
const how = "How it behaves"
const wrong = "What goes wrong"
const output = "What it prints"

export const flags = {
  port: {
    group: where,
    short: "p",
    value: "number",
    option: "port",
    help: "Default: 4400. 0 takes any free one.",
    read: readPort,
  },
  host: {
    group: where,
    value: "name",
    option: "host",
    help: "Default: 127.0.0.1. 0.0.0.0 is for everybody in the network.",
    read: readText,
  },
  "tls-key": {
    group: where,
    value: "file",
    option: "tlsKey",
    help: "PEM file of the key; with --tls-cert the server speaks HTTPS.",
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
    help: "Host name under which page and remote control may be asked for, besides localhost and IP addresses.",
    read: readText,
  },
  "remote-control": {
    group: where,
    option: "remoteControl",
    help: "Lets tests in any language drive the server through /__mock/ (see /__mock/openapi.json).",
    read: on,
  },
  config: {
    group: where,
    short: "c",
    value: "file",
    option: "config",
    help: "JSON, or a module (.js, .mjs) with a default export: any option of createMockServer, and port, host, faults. Flags win over it.",
    read: readText,
  },

  client: {
    group: who,
    value: "client",
    many: true,
    option: "clients",
    help: "id:secret@redirect-uri, or id@redirect-uri for a public one; more URIs after commas. Default: demo-app:demo-secret and demo-spa, both at /callback and /auth/callback on any port of this machine.",
    read: readClient,
  },
  user: {
    group: who,
    value: "name",
    many: true,
    option: "users",
    help: "Who can sign in. Default: demo.",
    read: readUser,
  },
  consent: { group: who, option: "autoApprove", help: "A page asks the user to approve.", read: off },
  "auto-approve": {
    group: who,
    option: "autoApprove",
    help: "Everything is approved at once, which is the default.",
    read: on,
  },

  like: {
    group: how,
    value: "file",
    option: "like",
    help: "JSON that says how a real server behaves (format ellipsis-oauth/server-habits@1, see the guide to the mock server). Flags and --config win over it.",
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
    help: "What a refresh does to the refresh token: off (it stays, the default), always (a new one each time), or how long the old one still works, such as 30s.",
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
    help: "What the token endpoint calls the code: authorization_code (the default, as Ellipsis Drive does) or code (as RFC 6749 does, for other clients).",
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
    help: "name, name@endpoint or name@endpoint:times, or JSON in place of the name. Default: each request to the token endpoint.",
    read: readFault,
  },
  "fault-rate": {
    group: wrong,
    value: "share",
    option: "faultRate",
    help: "Share of the token requests that meet a passing fault by chance, such as 0.3; the same ones for the same --seed.",
    read: readRate,
  },

  json: {
    group: output,
    option: "json",
    help: "One JSON log entry a line, after a first line with the URL; the rest goes to standard error.",
    read: on,
  },
  help: { group: output, short: "h", option: "help", help: "This text.", read: on },
  version: { group: output, short: "v", option: "version", help: "The version.", read: on },
} as const satisfies Readonly<Record<string, Flag>>
