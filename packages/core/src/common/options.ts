/** Checks of options: each throws a `ConfigurationError` with the option's name, the value and what is expected. */
import { ConfigurationError } from "../errors/ConfigurationError.js"

/** Describes a value without showing it: its type, and a string's length. */
export const describe = (value: unknown): string => {
  if (value === undefined) return "missing"
  if (value === null) return "null"
  if (value === "") return "an empty string"
  if (typeof value === "string") return `a string of ${value.length} characters`
  if (value instanceof Uint8Array) return `an array of ${value.length} bytes`
  if (Array.isArray(value)) return `an array of ${value.length}`
  return typeof value === "object" ? "an object" : `a ${typeof value}`
}

/** The error for an option that may be a secret: it describes the value and never shows it. */
export const badOption = (option: string, value: unknown, expected: string): ConfigurationError =>
  new ConfigurationError({ option, got: describe(value), expected })

/** Shows a value. Not for secrets. */
export const show = (value: unknown): string => {
  if (typeof value === "string" && value !== "") return JSON.stringify(value)
  return typeof value === "number" || typeof value === "boolean" ? String(value) : describe(value)
}

/**
 * The options as an object.
 *
 * @param option the name of the whole object in errors
 * @throws ConfigurationError for an unknown name, with the nearest known one
 */
export const requireOptions = <A extends object>(
  options: A | undefined,
  names: readonly (keyof A & string)[],
  expected: string,
  option = "options",
): A => {
  if (typeof options !== "object" || options === null) {
    throw badOption(option, options, expected)
  }
  for (const name of Object.keys(options)) {
    if ((names as readonly string[]).includes(name)) continue
    const nearest = nearestName(name, names)
    const known = nearest === undefined ? `one of ${names.join(", ")}` : `spelled "${nearest}"`
    throw new ConfigurationError({ option: name, got: "an unknown option", expected: known })
  }
  return options
}

const nearestName = (name: string, names: readonly string[]): string | undefined => {
  const ranked = names
    .map((known) => [editDistance(name.toLowerCase(), known.toLowerCase()), known] as const)
    .sort(([a], [b]) => a - b)
  const [distance = Number.POSITIVE_INFINITY, nearest] = ranked[0] ?? []
  return distance <= Math.max(2, name.length / 3) ? nearest : undefined
}

/** How many letters have to be added, dropped or replaced (Levenshtein). */
export const editDistance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= Math.min(a.length, 64); i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

/** A string of 1 to `maxLength` characters. The error describes a secret and never shows it. */
export const requireString = (
  option: string,
  value: unknown,
  takes: { readonly expected: string; readonly maxLength?: number | undefined; readonly secret?: boolean },
): string => {
  const { expected, maxLength = Number.POSITIVE_INFINITY, secret = false } = takes
  if (typeof value !== "string" || value === "") {
    throw badOption(option, value, expected)
  }
  if (value.length > maxLength) {
    const got = secret
      ? describe(value)
      : `${JSON.stringify(value.slice(0, 40))}… of ${value.length} characters`
    throw new ConfigurationError({ option, got, expected: `${expected} of at most ${maxLength} characters` })
  }
  return value
}

/**
 * One of the names that an option takes.
 *
 * @throws ConfigurationError for anything else
 */
export const requireOneOf = <const A extends string>(
  option: string,
  value: unknown,
  choices: readonly A[],
): A => {
  const found = choices.find((choice) => choice === value)
  if (found === undefined) {
    throw new ConfigurationError({
      option,
      got: show(value),
      expected: choices.map((choice) => JSON.stringify(choice)).join(" or "),
    })
  }
  return found
}

/** Checks an option that is true, false or left out. A text such as `"false"` would count as true. */
export const optionalBoolean = (option: string, value: unknown): void => {
  if (value !== undefined && typeof value !== "boolean") {
    throw new ConfigurationError({ option, got: show(value), expected: "true or false" })
  }
}

/** Checks an option that is a function or left out. */
export const optionalFunction = (option: string, value: unknown): void => {
  if (value !== undefined && typeof value !== "function") {
    throw new ConfigurationError({ option, got: show(value), expected: "a function" })
  }
}

/** Whether a value can be used as an `AbortSignal`, or is left out. `null` counts as left out, as in `fetch`. */
export const isSignalOrNone = (value: unknown): boolean =>
  value == null || typeof (value as { readonly addEventListener?: unknown }).addEventListener === "function"

export const badSignal = (value: unknown): ConfigurationError =>
  badOption("signal", value, "an AbortSignal, such as controller.signal")

/** Checks the option `signal`. */
export const optionalSignal = (value: unknown): void => {
  if (!isSignalOrNone(value)) throw badSignal(value)
}

/** Shows a URL, unless it may contain a password. It may also be a text that cannot be parsed as a URL. */
export const showUrl = (value: unknown): string =>
  typeof value === "string" && value.includes("@")
    ? 'a URL with "@", which is not shown since it may contain a password'
    : show(value)

/**
 * An absolute URL, parsed.
 *
 * @throws ConfigurationError that shows the value, but no password
 */
export const requireUrl = (option: string, value: unknown, expected: string): URL => {
  const text = requireString(option, value, { expected })
  try {
    return new URL(text)
  } catch {
    throw new ConfigurationError({ option, got: showUrl(text), expected })
  }
}

/** Whether a host is this machine (RFC 8252 §8.3). Names that end in `.localhost` are loopback too (RFC 6761 §6.3). */
export const isLoopback = (hostname: string): boolean =>
  /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i.test(hostname)
