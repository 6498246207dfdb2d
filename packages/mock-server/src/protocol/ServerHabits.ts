/**
 * The observed behaviour of a real server where the provider's documentation does not specify it, as JSON. A program
 * that examined a server writes it, and a mock server that reads it behaves the same.
 */
import { checkChoice, checkNames, OptionError } from "../common/OptionError.js"
import type { MockServerOptions } from "./Settings.js"

/** A habit that is left out was not observed; the mock server uses its default. Must not contain secrets. */
export interface ServerHabits {
  readonly format: typeof habitsFormat
  /** Body encodings that the token endpoint accepts: at least one. */
  readonly bodyEncoding?: ReadonlyArray<"form" | "json">
  /** How a client with a secret sends it: at least one; `basic-raw` is a Basic header without form encoding. */
  readonly clientAuthentication?: ReadonlyArray<"body" | "basic" | "basic-raw">
  /** Whether a client that has a secret may leave it out. */
  readonly withoutSecret?: "allowed" | "refused"
  /** Name of the code parameter at the token endpoint. */
  readonly codeParameter?: "authorization_code" | "code"
  /** Whether authorization requests need PKCE. */
  readonly pkce?: "required" | "optional"
  /** The accepted methods of a `code_challenge`: at least one. */
  readonly pkceMethods?: ReadonlyArray<"S256" | "plain">
  /** Whether the token response of a login has a refresh token. */
  readonly refreshToken?: "present" | "absent"
  /** Whether the token response of a refresh has a new refresh token. */
  readonly rotation?: "always" | "never"
  /** Use of a replaced refresh token: it still works, is refused, or is refused and ends the login. */
  readonly spentRefreshToken?: "accepted" | "refused" | "endsLogin"
  /** Use of a refresh token that the server never issued. */
  readonly unknownRefreshToken?: "accepted" | "refused"
  /** How `expires_in` is written. */
  readonly expiresIn?: "number" | "string" | "absent"
  /** `bearer`: present, in lower case. */
  readonly tokenType?: "present" | "bearer" | "absent"
  /** Which token responses have a scope; `login`: only that of the code exchange. */
  readonly scope?: "always" | "login" | "absent"
  /** The granted scopes: at least one. */
  readonly scopes?: readonly string[]
  /** HTTP status of a token response. */
  readonly tokenStatus?: number
  /** Whether a client without a secret may use the token endpoint. */
  readonly publicClients?: "allowed" | "refused"
  /** Body of an error: JSON as in RFC 6749 section 5.2, JSON with `message`, or text. */
  readonly errorBody?: "rfc6749" | "message" | "text"
  /** HTTP status of an error about the refresh token or the code. */
  readonly grantErrorStatus?: number
  /** HTTP status of an error about the client or its secret. */
  readonly clientErrorStatus?: number
  /** Seconds. */
  readonly accessTokenLifetime?: number
  /** For people: which server was examined, when, and other observations. */
  readonly server?: string
  readonly observedAt?: string
  readonly notes?: readonly string[]
}

export const habitsFormat = "ellipsis-oauth/server-habits@1"

const names: ReadonlyArray<keyof ServerHabits> = [
  "format",
  "bodyEncoding",
  "clientAuthentication",
  "withoutSecret",
  "codeParameter",
  "pkce",
  "pkceMethods",
  "refreshToken",
  "rotation",
  "spentRefreshToken",
  "unknownRefreshToken",
  "expiresIn",
  "tokenType",
  "scope",
  "scopes",
  "tokenStatus",
  "publicClients",
  "errorBody",
  "grantErrorStatus",
  "clientErrorStatus",
  "accessTokenLifetime",
  "server",
  "observedAt",
  "notes",
]

const readStatus = (name: string, value: unknown, largest: number): number => {
  if (typeof value === "number" && Number.isInteger(value) && value >= 200 && value <= largest) return value
  throw new OptionError(name, value, `an HTTP status from 200 to ${largest}`)
}

const readLifetime = (value: unknown): number => {
  if (typeof value === "number" && Number.isFinite(value) && value >= 1) return value * 1_000
  throw new OptionError("accessTokenLifetime", value, "seconds, at least 1")
}

/** Reads an array of at least one of `choices`. */
const readSome = <const A extends string>(name: string, value: unknown, choices: readonly A[]): Set<A> => {
  if (!Array.isArray(value) || value.length === 0) {
    throw new OptionError(name, value, `an array with at least one of ${choices.join(", ")}`)
  }
  return new Set(value.map((item, index) => checkChoice(`${name}[${index}]`, item, choices)))
}

const readAuthentication = (value: unknown): MockServerOptions => {
  const ways = readSome("clientAuthentication", value, ["body", "basic", "basic-raw"])
  const hasBasic = ways.has("basic") || ways.has("basic-raw")
  return {
    clientAuthentication: ways.has("body") ? (hasBasic ? "any" : "body") : "basic",
    ...(ways.has("basic-raw") && !ways.has("basic") ? { basicDecoding: "raw" } : {}),
  }
}

/** The real grace period is not observed; this one is long enough to see its effect by hand. */
const grace = "1 minute"

/** Converts each habit to options. */
const readers: {
  readonly [Name in keyof ServerHabits]?: (value: unknown) => MockServerOptions
} = {
  bodyEncoding: (value) => {
    const [only = "form", another] = readSome("bodyEncoding", value, ["form", "json"])
    return { bodyEncoding: another === undefined ? only : "both" }
  },
  rotation: (value) => ({
    rotation: checkChoice("rotation", value, ["always", "never"]) === "always" ? "always" : "off",
  }),
  clientAuthentication: readAuthentication,
  withoutSecret: (value) => ({
    clientSecrets:
      checkChoice("withoutSecret", value, ["allowed", "refused"]) === "allowed" ? "ignore" : "check",
  }),
  codeParameter: (value) => ({
    codeParameter: checkChoice("codeParameter", value, ["authorization_code", "code"]),
  }),
  pkce: (value) => ({ pkce: checkChoice("pkce", value, ["required", "optional"]) }),
  pkceMethods: (value) => ({ pkceMethods: [...readSome("pkceMethods", value, ["S256", "plain"])] }),
  refreshToken: (value) => ({
    refreshTokens: checkChoice("refreshToken", value, ["present", "absent"]) === "present" ? "issue" : "omit",
  }),
  // After `rotation`, which this overrides with more detail.
  spentRefreshToken: (value) => {
    const spent = checkChoice("spentRefreshToken", value, ["accepted", "refused", "endsLogin"])
    return {
      rotation:
        spent === "endsLogin"
          ? "always"
          : spent === "refused"
            ? { reuse: "reject" }
            : { grace, reuse: "reject" },
    }
  },
  unknownRefreshToken: (value) => ({
    unknownRefreshTokens:
      checkChoice("unknownRefreshToken", value, ["accepted", "refused"]) === "accepted" ? "accept" : "refuse",
  }),
  scope: (value) => {
    const found = checkChoice("scope", value, ["always", "login", "absent"])
    return { scopeInReply: found === "absent" ? "omit" : found }
  },
  scopes: (value) => {
    if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string")) {
      return { scopes: value }
    }
    throw new OptionError("scopes", value, "an array with at least one scope")
  },
  tokenStatus: (value) => ({ tokenStatus: readStatus("tokenStatus", value, 299) }),
  expiresIn: (value) => {
    const found = checkChoice("expiresIn", value, ["number", "string", "absent"])
    return { expiresIn: found === "absent" ? "omit" : found }
  },
  tokenType: (value) => {
    const found = checkChoice("tokenType", value, ["present", "bearer", "absent"])
    return { tokenType: found === "present" ? "Bearer" : found === "absent" ? "omit" : found }
  },
  publicClients: (value) => ({
    publicClients:
      checkChoice("publicClients", value, ["allowed", "refused"]) === "allowed" ? "allow" : "refuse",
  }),
  errorBody: (value) => ({ errorFormat: checkChoice("errorBody", value, ["rfc6749", "message", "text"]) }),
  accessTokenLifetime: (value) => ({ accessTokenLifetime: readLifetime(value) }),
}

/**
 * Options for a server with these habits; fails with an `OptionError` that names the member.
 *
 * @example
 * createMockServer({ ...optionsFromHabits(JSON.parse(file)), clients })
 */
export const optionsFromHabits = (habits: unknown): MockServerOptions => {
  if (typeof habits !== "object" || habits === null || Array.isArray(habits)) {
    throw new OptionError("habits", habits, "a JSON object")
  }
  checkChoice("format", Reflect.get(habits, "format"), [habitsFormat])
  checkNames("", habits, names)
  const member = (name: keyof ServerHabits): unknown => Reflect.get(habits, name)
  if (member("spentRefreshToken") !== undefined && member("rotation") !== "always") {
    throw new OptionError("rotation", member("rotation"), '"always" if spentRefreshToken is set')
  }
  const options = Object.entries(readers).flatMap(([name, read]) => {
    const value = member(name as keyof ServerHabits)
    return value === undefined ? [] : [read(value)]
  })
  const errorStatus = [
    ["invalid_grant", "grantErrorStatus"],
    ["invalid_client", "clientErrorStatus"],
  ] as const
  const statuses = errorStatus.flatMap(([error, name]) => {
    const value = member(name)
    return value === undefined ? [] : [[error, readStatus(name, value, 599)]]
  })
  return Object.assign(
    {},
    ...options,
    statuses.length === 0 ? {} : { errorStatus: Object.fromEntries(statuses) },
  )
}
