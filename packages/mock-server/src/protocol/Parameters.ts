/** Parameters from a query, a form or a JSON body: each at most once, each a string. */
import { malformed, type Refusal } from "./Refusal.js"

export interface Parameters {
  /** Parameters with a value; one that is sent empty counts as left out (RFC 6749 section 3.1). */
  readonly values: ReadonlyMap<string, string>
  /** Names that were sent more than once, which RFC 6749 section 3.1 forbids. */
  readonly repeated: readonly string[]
}

const noParameters: Parameters = { values: new Map(), repeated: [] }

const maxParameters = 100

const decodeUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Text of a body; fails on bytes that are not UTF-8. */
export const readText = (bytes: Uint8Array): string | Refusal => {
  try {
    return decodeUtf8.decode(bytes)
  } catch {
    return malformed("The body is not UTF-8.", { expected: "UTF-8 (RFC 6749 appendix B)" })
  }
}

/** One component of `application/x-www-form-urlencoded`; `undefined` when the percent-encoding is broken. */
export const decodeFormComponent = (text: string): string | undefined => {
  // Most components need no decoding.
  if (!/[%+]/.test(text)) return text
  try {
    return decodeURIComponent(text.replaceAll("+", " "))
  } catch {
    return undefined
  }
}

class Collector {
  readonly values = new Map<string, string>()
  readonly seen = new Set<string>()
  readonly repeated: string[] = []

  add(name: string, value: string): void {
    if (this.seen.has(name)) this.repeated.push(name)
    else this.seen.add(name)
    if (value !== "" && !this.values.has(name)) this.values.set(name, value)
  }
}

/** A query or a form body (RFC 6749 appendix B). */
export const parseForm = (text: string): Parameters | Refusal => {
  if (text === "") return noParameters
  const collector = new Collector()
  const pairs = text.split("&", maxParameters + 1)
  if (pairs.length > maxParameters) return malformed(`There are more than ${maxParameters} parameters.`)
  for (const pair of pairs) {
    if (pair === "") continue
    const equals = pair.indexOf("=")
    const name = decodeFormComponent(equals < 0 ? pair : pair.slice(0, equals))
    const value = equals < 0 ? "" : decodeFormComponent(pair.slice(equals + 1))
    if (name === undefined || value === undefined) {
      return malformed("The percent-encoding is invalid, or the decoded bytes are not UTF-8.", {
        field: name,
        expected: "percent-encoded UTF-8 (RFC 6749 appendix B)",
      })
    }
    collector.add(name, value)
  }
  return collector
}

const afterName = /\s*:/y

/** Names of the members of an object of strings, in valid JSON text. `JSON.parse` silently drops duplicates. */
const memberNames = (json: string): readonly string[] => {
  const names: string[] = []
  for (let i = 0; i < json.length; i++) {
    if (json[i] !== '"') continue
    const start = i
    for (i += 1; json[i] !== '"'; i++) if (json[i] === "\\") i += 1
    afterName.lastIndex = i + 1
    if (afterName.test(json)) names.push(JSON.parse(json.slice(start, i + 1)))
  }
  return names
}

/** A JSON body: one object whose members are strings, as in the rest of the provider's API. */
export const parseJson = (text: string): Parameters | Refusal => {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return malformed("The body is not JSON.", { expected: "a JSON object", got: `${text.length} characters` })
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    return malformed("The JSON body is not an object.", { expected: "a JSON object" })
  }
  const members = Object.entries(parsed)
  if (members.length > maxParameters) return malformed(`There are more than ${maxParameters} parameters.`)
  const values = new Map<string, string>()
  for (const [name, value] of members) {
    if (typeof value !== "string") {
      return malformed(`The JSON member is not a string.`, {
        field: name,
        expected: "a string",
        got: value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`,
      })
    }
    if (value !== "") values.set(name, value)
  }
  const names = memberNames(text)
  return { values, repeated: names.filter((name, index) => names.indexOf(name) !== index) }
}

/** Parameters for a log entry: long values are cut, and the object has no prototype. */
export const forLog = (parameters: ReadonlyMap<string, string>): Readonly<Record<string, string>> => {
  // Uses a third of the memory of `Object.create(null)`; the log stores a thousand of these.
  const record: Record<string, string> = Object.setPrototypeOf({}, null)
  for (const [name, value] of parameters) {
    record[cut(name, 64)] = cut(value, 512)
  }
  return record
}

export const cut = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length)}… (${text.length} characters)` : text
