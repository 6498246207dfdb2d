/**
 * How a real server was seen to behave where the provider's documentation leaves it open, as a small JSON format:
 * a program that has tried a server writes it, and a mock server that reads it behaves alike.
 */
import { checkChoice, checkNames, OptionError } from "../common/OptionError.js"
import type { MockServerOptions } from "./Settings.js"

/** Every habit can be left out: it was not observed, and the mock server keeps its default. No secret belongs here. */
export interface ServerHabits {
  readonly format: typeof habitsFormat
  /** What the token endpoint reads: at least one. */
  readonly bodyEncoding?: ReadonlyArray<"form" | "json">
  /** Whether a refresh responds with a new refresh token. */
  readonly rotation?: "always" | "never"
  /** How `expires_in` is written. */
  readonly expiresIn?: "number" | "string" | "absent"
  readonly tokenType?: "present" | "absent"
  /** Whether a client without a secret may use the token endpoint. */
  readonly publicClients?: "allowed" | "refused"
  /** Body of an error: JSON by RFC 6749 section 5.2, JSON with `message`, or text. */
  readonly errorBody?: "rfc6749" | "message" | "text"
  /** Seconds. */
  readonly accessTokenLifetime?: number
  /** For people: which server it was, when, and what else was seen. */
  readonly server?: string
  readonly observedAt?: string
  readonly notes?: readonly string[]
}

export const habitsFormat = "ellipsis-oauth/server-habits@1"

const names: ReadonlyArray<keyof ServerHabits> = [
  "format",
  "bodyEncoding",
  "rotation",
  "expiresIn",
  "tokenType",
  "publicClients",
  "errorBody",
  "accessTokenLifetime",
  "server",
  "observedAt",
  "notes",
]

const readEncodings = (value: unknown): "both" | "form" | "json" => {
  if (!Array.isArray(value) || value.length === 0) {
    throw new OptionError("bodyEncoding", value, 'an array with "form", "json" or both')
  }
  const encodings = new Set(
    value.map((item, index) => checkChoice(`bodyEncoding[${index}]`, item, ["form", "json"])),
  )
  const [only = "form", another] = encodings
  return another === undefined ? only : "both"
}

const readLifetime = (value: unknown): number => {
  if (typeof value === "number" && Number.isFinite(value) && value >= 1) return value * 1_000
  throw new OptionError("accessTokenLifetime", value, "seconds, at least 1")
}

/** A habit in the file and the option that it stands for. */
const readers: {
  readonly [Name in keyof ServerHabits]?: (value: unknown) => MockServerOptions
} = {
  bodyEncoding: (value) => ({ bodyEncoding: readEncodings(value) }),
  rotation: (value) => ({
    rotation: checkChoice("rotation", value, ["always", "never"]) === "always" ? "always" : "off",
  }),
  expiresIn: (value) => {
    const found = checkChoice("expiresIn", value, ["number", "string", "absent"])
    return { expiresIn: found === "absent" ? "omit" : found }
  },
  tokenType: (value) => ({
    tokenType: checkChoice("tokenType", value, ["present", "absent"]) === "present" ? "Bearer" : "omit",
  }),
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
  const options = Object.entries(readers).flatMap(([name, read]) => {
    const value: unknown = Reflect.get(habits, name)
    return value === undefined ? [] : [read(value)]
  })
  return Object.assign({}, ...options)
}
