/** The options of a server, their defaults, and the settings that they become once they are checked. */

import { type Duration, toMilliseconds } from "../common/Duration.js"
import { checkChoice, checkNames, OptionError } from "../common/OptionError.js"
import { type Access, type AccessOptions, accessNames, resolveAccess } from "./Access.js"
import { type ClientRegistration, defaultClients, registerClients } from "./ClientRegistration.js"
import type { Cors } from "./Cors.js"
import { defaultPaths, type MockPath, type ResolvedPath, resolvePaths } from "./MockPath.js"
import type { ErrorFormat } from "./Refusal.js"

/** What becomes of the refresh token at a refresh. */
export type Rotation =
  /** It stays, and the response has none. */
  | "off"
  /** Each response has a new one; the old one is invalid at once, and using it again revokes the family. */
  | "always"
  /** The old one still works for `grace`; after that its use is `reuse`: refused, or the family revoked as well. */
  | { readonly grace?: Duration; readonly reuse?: "revokeFamily" | "reject" }

/** Somebody who can log in. */
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
  /** Who can sign in; the first one does unless a test says otherwise. Default: one user, `demo`. */
  readonly users?: readonly User[]
  /** Default: 1 minute, as the provider documents. */
  readonly codeLifetime?: Duration
  /** At least 1 second. Default: 1 hour. */
  readonly accessTokenLifetime?: Duration
  /** Default: `"unlimited"`. */
  readonly refreshTokenLifetime?: Duration | "unlimited"
  /** Default: `"off"`. */
  readonly rotation?: Rotation
  /** A code that is used again is refused; the tokens it gave are revoked too (RFC 6749 section 4.1.2), or not. Default: `"revokeFamily"`. */
  readonly codeReuse?: "revokeFamily" | "reject"
  /** What a client may ask for; the first one is granted when it asks for nothing. Default: `["projects"]`. */
  readonly scopes?: readonly string[]
  /** The same seed gives the same codes and tokens. Default: random ones. */
  readonly seed?: string | number
  /** A function the clock follows, or the epoch milliseconds at which it stands still. Default: `Date.now`. */
  readonly now?: number | (() => number)
  /** What the token endpoint calls the code: this provider's name, or the one of RFC 6749. Default: `"authorization_code"`. */
  readonly codeParameter?: "authorization_code" | "code"
  /** Default: `"number"`. */
  readonly expiresIn?: "number" | "string" | "omit"
  /** Default: `"Bearer"`. */
  readonly tokenType?: "Bearer" | "bearer" | "omit"
  /** Whether a token reply names its scope. Default: `"always"`. */
  readonly scopeInReply?: "always" | "omit"
  /** How errors are written. Default: `"rfc6749"`. */
  readonly errorFormat?: ErrorFormat
  /** Whether a client without a secret may use the token endpoint. Default: `"allow"`. */
  readonly publicClients?: "allow" | "refuse"
  /** What the token endpoint reads. Default: `"both"`. */
  readonly bodyEncoding?: "both" | "form" | "json"
  /** How user name and password of a Basic header are read: form-decoded (RFC 6749 section 2.3.1) or as they are. Default: `"form"`. */
  readonly basicDecoding?: "form" | "raw"
  /** Whether authorization requests need PKCE. Default: `"optional"`. */
  readonly pkce?: "optional" | "required"
  /** `"anyPort"`: the port of a loopback redirect URI is not compared (RFC 8252 section 7.3). Default: `"exact"`. */
  readonly loopbackRedirect?: "exact" | "anyPort"
  /** Whether an authorization request is approved at once, or by a person on a page. Default: `true`. */
  readonly autoApprove?: boolean
  /** Which pages may call the server from a browser. Default: `"any"`. */
  readonly cors?: Cors
  /** How many log entries are kept. Default: 1000. */
  readonly logSize?: number
}

/** Options with every default filled in and every duration in milliseconds. */
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
  readonly scopeInReply: "always" | "omit"
  readonly errorFormat: ErrorFormat
  readonly publicClients: "allow" | "refuse"
  readonly bodyEncoding: "both" | "form" | "json"
  readonly basicDecoding: "form" | "raw"
  readonly pkce: "optional" | "required"
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
  "errorFormat",
  "publicClients",
  "bodyEncoding",
  "basicDecoding",
  "pkce",
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

const resolveLogSize = (value: number): number => {
  if (Number.isInteger(value) && value >= 1) return value
  throw new OptionError("logSize", value, "a whole number of at least 1")
}

/** Checks the options; fails with an `OptionError` that names the option, what it got and what it takes. */
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
    scopeInReply: checkChoice("scopeInReply", options.scopeInReply ?? "always", ["always", "omit"]),
    errorFormat: checkChoice("errorFormat", options.errorFormat ?? "rfc6749", ["rfc6749", "message", "text"]),
    publicClients: checkChoice("publicClients", options.publicClients ?? "allow", ["allow", "refuse"]),
    bodyEncoding: checkChoice("bodyEncoding", options.bodyEncoding ?? "both", ["both", "form", "json"]),
    basicDecoding: checkChoice("basicDecoding", options.basicDecoding ?? "form", ["form", "raw"]),
    pkce: checkChoice("pkce", options.pkce ?? "optional", ["optional", "required"]),
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
