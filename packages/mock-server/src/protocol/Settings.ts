/** The options of a server with their defaults, and the checked settings. */

import { type Duration, toMilliseconds } from "../common/Duration.js"
import { checkChoice, checkNames, OptionError } from "../common/OptionError.js"
import { type Access, type AccessOptions, accessNames, resolveAccess } from "./Access.js"
import { type ClientRegistration, defaultClients, registerClients } from "./ClientRegistration.js"
import type { Cors } from "./Cors.js"
import { defaultPaths, type MockPath, type ResolvedPath, resolvePaths } from "./MockPath.js"
import type { ErrorFormat } from "./Refusal.js"

/** What a refresh does to the refresh token. */
export type Rotation =
  /** It stays valid, and the response has no new one. */
  | "off"
  /** Each response has a new one; the old one is invalid at once, and using it again revokes the family. */
  | "always"
  /** The old one stays valid for `grace`. After that its use is refused, and with `reuse: "revokeFamily"` (the default) the family is revoked too. */
  | { readonly grace?: Duration; readonly reuse?: "revokeFamily" | "reject" }

/** HTTP statuses of two errors of the token endpoint. */
export interface ErrorStatus {
  readonly invalid_grant?: number | undefined
  readonly invalid_client?: number | undefined
}

/** A user who can log in. */
export interface User {
  readonly id: string
  readonly username: string
}

/** Durations are milliseconds or strings such as `"1 hour"`. Everything is strict unless an option here says otherwise. */
export interface MockServerOptions extends AccessOptions {
  /** Default: `demo-app` with the secret `demo-secret`, and the public `demo-spa`; both with `http://localhost:3000/callback`. */
  readonly clients?: readonly ClientRegistration[]
  /** Layers and folders below `/path/`. Default: `demo-raster`, `demo-vector` and `demo-folder`. */
  readonly paths?: readonly MockPath[]
  /** The users who can log in; by default the first one does. Default: one user, `demo`. */
  readonly users?: readonly User[]
  /** Default: 1 minute, as the provider documents. */
  readonly codeLifetime?: Duration
  /** At least 1 second. Default: 1 hour. */
  readonly accessTokenLifetime?: Duration
  /** Default: `"unlimited"`. */
  readonly refreshTokenLifetime?: Duration | "unlimited"
  /** Default: `"off"`. */
  readonly rotation?: Rotation
  /** A code that is used again is refused. `"revokeFamily"` also revokes the tokens that were issued for it (RFC 6749 section 4.1.2). Default: `"revokeFamily"`. */
  readonly codeReuse?: "revokeFamily" | "reject"
  /** The scopes that a client may request; the first one is granted if a request has no scope. Default: `["projects"]`. */
  readonly scopes?: readonly string[]
  /** The same seed gives the same codes and tokens. Default: random ones. */
  readonly seed?: string | number
  /** A function that the clock follows, or the epoch milliseconds at which it is stopped. Default: `Date.now`. */
  readonly now?: number | (() => number)
  /** Name of the code parameter at the token endpoint: this provider's, or `"code"` as in RFC 6749. Default: `"authorization_code"`. */
  readonly codeParameter?: "authorization_code" | "code"
  /** Default: `"number"`. */
  readonly expiresIn?: "number" | "string" | "omit"
  /** Default: `"Bearer"`. */
  readonly tokenType?: "Bearer" | "bearer" | "omit"
  /** Which token responses have a scope; `"login"`: only that of the code exchange. Default: `"always"`. */
  readonly scopeInReply?: "always" | "login" | "omit"
  /** Whether the token response of a login has a refresh token. Default: `"issue"`. */
  readonly refreshTokens?: "issue" | "omit"
  /** A refresh token that this server never issued: refused, or accepted as one of the first user. Default: `"refuse"`. */
  readonly unknownRefreshTokens?: "refuse" | "accept"
  /** HTTP status of a token response, 200 to 299. Default: 200. */
  readonly tokenStatus?: number
  /** HTTP status of these two errors of the token endpoint, 200 to 599. Default: 400 for `invalid_grant`, 401 for `invalid_client`. */
  readonly errorStatus?: ErrorStatus
  /** How errors are written. Default: `"rfc6749"`. */
  readonly errorFormat?: ErrorFormat
  /** Whether a client without a secret may use the token endpoint. Default: `"allow"`. */
  readonly publicClients?: "allow" | "refuse"
  /** Where the token endpoint reads a client secret: in the body, in a Basic header, or in either. Default: `"any"`. */
  readonly clientAuthentication?: "any" | "body" | "basic"
  /** `"ignore"`: a client that has a secret may leave it out or send a wrong one. Default: `"check"`. */
  readonly clientSecrets?: "check" | "ignore"
  /** Body encodings that the token endpoint accepts. Default: `"both"`. */
  readonly bodyEncoding?: "both" | "form" | "json"
  /** How user name and password of a Basic header are read: form-decoded (RFC 6749 section 2.3.1) or as they are. Default: `"form"`. */
  readonly basicDecoding?: "form" | "raw"
  /** Whether authorization requests need PKCE. Default: `"optional"`. */
  readonly pkce?: "optional" | "required"
  /** The accepted methods of a `code_challenge`, at least one. Default: both. */
  readonly pkceMethods?: ReadonlyArray<"S256" | "plain">
  /** `"anyPort"`: the port of a loopback redirect URI is not compared (RFC 8252 section 7.3). Default: `"exact"`. */
  readonly loopbackRedirect?: "exact" | "anyPort"
  /** Whether an authorization request is approved at once, or by a person on a page. Default: `true`. */
  readonly autoApprove?: boolean
  /** Which pages may call the server from a browser. Default: `"any"`. */
  readonly cors?: Cors
  /** How many log entries are kept. Default: 1000. */
  readonly logSize?: number
}

/** Checked options, with defaults filled in and durations in milliseconds. */
export interface Settings {
  readonly clients: ReadonlyMap<string, ClientRegistration>
  readonly paths: ReadonlyMap<string, ResolvedPath>
  readonly users: readonly [User, ...User[]]
  readonly codeLifetime: number
  readonly accessTokenLifetime: number
  readonly refreshTokenLifetime: number
  readonly rotation: "off" | { readonly grace: number; readonly reuse: "revokeFamily" | "reject" }
  readonly codeReuse: "revokeFamily" | "reject"
  readonly scopes: readonly [string, ...string[]]
  readonly codeParameter: "authorization_code" | "code"
  readonly expiresIn: "number" | "string" | "omit"
  readonly tokenType: "Bearer" | "bearer" | "omit"
  readonly scopeInReply: "always" | "login" | "omit"
  readonly refreshTokens: "issue" | "omit"
  readonly unknownRefreshTokens: "refuse" | "accept"
  readonly tokenStatus: number
  readonly errorStatus: ErrorStatus
  readonly errorFormat: ErrorFormat
  readonly publicClients: "allow" | "refuse"
  readonly clientAuthentication: "any" | "body" | "basic"
  readonly clientSecrets: "check" | "ignore"
  readonly bodyEncoding: "both" | "form" | "json"
  readonly basicDecoding: "form" | "raw"
  readonly pkce: "optional" | "required"
  readonly pkceMethods: ReadonlyArray<"S256" | "plain">
  readonly loopbackRedirect: "exact" | "anyPort"
  readonly autoApprove: boolean
  readonly cors: Cors
  readonly logSize: number
  readonly access: Access
  readonly seed: string | number | undefined
  readonly now: number | (() => number)
}

const demoUser: User = { id: "7d4f3f0e-52a5-4c6b-9a55-0d0f5c1e2a3b", username: "demo" }

const optionNames: readonly (keyof MockServerOptions)[] = [
  "clients",
  "paths",
  "users",
  "codeLifetime",
  "accessTokenLifetime",
  "refreshTokenLifetime",
  "rotation",
  "codeReuse",
  "scopes",
  "seed",
  "now",
  "codeParameter",
  "expiresIn",
  "tokenType",
  "scopeInReply",
  "refreshTokens",
  "unknownRefreshTokens",
  "tokenStatus",
  "errorStatus",
  "errorFormat",
  "publicClients",
  "clientAuthentication",
  "clientSecrets",
  "bodyEncoding",
  "basicDecoding",
  "pkce",
  "pkceMethods",
  "loopbackRedirect",
  "autoApprove",
  "cors",
  "logSize",
  ...accessNames,
]

const resolveRotation = (value: Rotation): Settings["rotation"] => {
  if (value === "off") return "off"
  if (value === "always") return { grace: 0, reuse: "revokeFamily" }
  if (typeof value !== "object" || value === null) {
    throw new OptionError("rotation", value, '"off", "always" or { grace, reuse }')
  }
  checkNames("rotation", value, ["grace", "reuse"])
  return {
    grace: toMilliseconds("rotation.grace", value.grace ?? 0),
    reuse: checkChoice("rotation.reuse", value.reuse ?? "revokeFamily", ["revokeFamily", "reject"]),
  }
}

const resolveUsers = (value: readonly User[]): Settings["users"] => {
  const [first, ...rest] = Array.isArray(value) ? value : []
  if (first === undefined) throw new OptionError("users", value, "an array of at least one { id, username }")
  for (const [index, user] of [first, ...rest].entries()) {
    if (typeof user?.id !== "string" || typeof user.username !== "string" || user.id === "") {
      throw new OptionError(`users[${index}]`, user, "{ id, username }, two strings")
    }
  }
  return [first, ...rest]
}

const resolveScopes = (value: readonly string[]): Settings["scopes"] => {
  const [first, ...rest] = Array.isArray(value) ? value : []
  // RFC 6749 section 3.3
  const valid = [first, ...rest].every((scope) => typeof scope === "string" && /^[!#-[\]-~]+$/.test(scope))
  if (first === undefined || !valid) {
    throw new OptionError("scopes", value, "an array of at least one scope, none with spaces or quotes")
  }
  return [first, ...rest]
}

const resolveSeed = (value: unknown): string | number | undefined => {
  if (value === undefined || typeof value === "string" || typeof value === "number") return value
  throw new OptionError("seed", value, "a string or a number")
}

const resolveNow = (value: unknown): number | (() => number) => {
  if (typeof value === "function") return value as () => number
  if (typeof value === "number" && Number.isFinite(value)) return value
  throw new OptionError("now", value, "epoch milliseconds, or a function that returns them")
}

const resolveAccessTokenLifetime = (value: Duration): number => {
  const lifetime = toMilliseconds("accessTokenLifetime", value)
  if (lifetime >= 1_000) return lifetime
  throw new OptionError(
    "accessTokenLifetime",
    value,
    "at least 1 second, since expires_in counts whole seconds",
  )
}

const resolveAutoApprove = (value: unknown): boolean => {
  if (typeof value === "boolean") return value
  throw new OptionError("autoApprove", value, "true or false")
}

const resolveCors = (value: unknown): Cors => {
  if (value === "any" || value === "none") return value
  const isOrigin = (item: unknown): item is string =>
    typeof item === "string" && URL.canParse(item) && new URL(item).origin === item
  if (Array.isArray(value) && value.every(isOrigin)) return value
  throw new OptionError("cors", value, '"any", "none" or an array of origins such as "http://localhost:5173"')
}

const resolveStatus = (path: string, value: unknown, largest: number): number => {
  if (typeof value === "number" && Number.isInteger(value) && value >= 200 && value <= largest) return value
  throw new OptionError(path, value, `an HTTP status from 200 to ${largest}`)
}

const resolveErrorStatus = (value: ErrorStatus): ErrorStatus => {
  if (typeof value !== "object" || value === null) {
    throw new OptionError("errorStatus", value, "{ invalid_grant, invalid_client }")
  }
  checkNames("errorStatus", value, ["invalid_grant", "invalid_client"])
  const entries = Object.entries(value).filter(([, status]) => status !== undefined)
  return Object.fromEntries(
    entries.map(([error, status]) => [error, resolveStatus(`errorStatus.${error}`, status, 599)]),
  )
}

const resolvePkceMethods = (value: unknown): Settings["pkceMethods"] => {
  if (!Array.isArray(value) || value.length === 0) {
    throw new OptionError("pkceMethods", value, 'an array with "S256", "plain" or both')
  }
  return value.map((item, index) => checkChoice(`pkceMethods[${index}]`, item, ["S256", "plain"]))
}

const resolveLogSize = (value: number): number => {
  if (Number.isInteger(value) && value >= 1) return value
  throw new OptionError("logSize", value, "a whole number of at least 1")
}

/** Checks the options; fails with an `OptionError` that names the option, the value it got and the values it accepts. */
export const resolveOptions = (options: MockServerOptions = {}): Settings => {
  if (typeof options !== "object" || options === null) throw new OptionError("options", options, "an object")
  checkNames("", options, optionNames)
  return {
    clients: registerClients(options.clients ?? defaultClients),
    paths: resolvePaths(options.paths ?? defaultPaths),
    users: resolveUsers(options.users ?? [demoUser]),
    codeLifetime: toMilliseconds("codeLifetime", options.codeLifetime ?? "1 minute"),
    accessTokenLifetime: resolveAccessTokenLifetime(options.accessTokenLifetime ?? "1 hour"),
    refreshTokenLifetime:
      options.refreshTokenLifetime === undefined || options.refreshTokenLifetime === "unlimited"
        ? Number.POSITIVE_INFINITY
        : toMilliseconds("refreshTokenLifetime", options.refreshTokenLifetime),
    rotation: resolveRotation(options.rotation ?? "off"),
    codeReuse: checkChoice("codeReuse", options.codeReuse ?? "revokeFamily", ["revokeFamily", "reject"]),
    scopes: resolveScopes(options.scopes ?? ["projects"]),
    codeParameter: checkChoice("codeParameter", options.codeParameter ?? "authorization_code", [
      "authorization_code",
      "code",
    ]),
    expiresIn: checkChoice("expiresIn", options.expiresIn ?? "number", ["number", "string", "omit"]),
    tokenType: checkChoice("tokenType", options.tokenType ?? "Bearer", ["Bearer", "bearer", "omit"]),
    scopeInReply: checkChoice("scopeInReply", options.scopeInReply ?? "always", ["always", "login", "omit"]),
    refreshTokens: checkChoice("refreshTokens", options.refreshTokens ?? "issue", ["issue", "omit"]),
    unknownRefreshTokens: checkChoice("unknownRefreshTokens", options.unknownRefreshTokens ?? "refuse", [
      "refuse",
      "accept",
    ]),
    tokenStatus: resolveStatus("tokenStatus", options.tokenStatus ?? 200, 299),
    errorStatus: resolveErrorStatus(options.errorStatus ?? {}),
    errorFormat: checkChoice("errorFormat", options.errorFormat ?? "rfc6749", ["rfc6749", "message", "text"]),
    publicClients: checkChoice("publicClients", options.publicClients ?? "allow", ["allow", "refuse"]),
    clientAuthentication: checkChoice("clientAuthentication", options.clientAuthentication ?? "any", [
      "any",
      "body",
      "basic",
    ]),
    clientSecrets: checkChoice("clientSecrets", options.clientSecrets ?? "check", ["check", "ignore"]),
    bodyEncoding: checkChoice("bodyEncoding", options.bodyEncoding ?? "both", ["both", "form", "json"]),
    basicDecoding: checkChoice("basicDecoding", options.basicDecoding ?? "form", ["form", "raw"]),
    pkce: checkChoice("pkce", options.pkce ?? "optional", ["optional", "required"]),
    pkceMethods: resolvePkceMethods(options.pkceMethods ?? ["S256", "plain"]),
    loopbackRedirect: checkChoice("loopbackRedirect", options.loopbackRedirect ?? "exact", [
      "exact",
      "anyPort",
    ]),
    autoApprove: resolveAutoApprove(options.autoApprove ?? true),
    cors: resolveCors(options.cors ?? "any"),
    logSize: resolveLogSize(options.logSize ?? 1_000),
    access: resolveAccess(options),
    seed: resolveSeed(options.seed),
    now: resolveNow(options.now ?? Date.now),
  }
}
