/** The error for a bad option. It tells the value's kind and never the value, which may be a secret. */
import { ConfigurationError } from "@ellipsis-oauth/core/promise"

export const badOption = (option: string, value: unknown, expected: string): ConfigurationError =>
  new ConfigurationError({ option, got: kindOf(value), expected })

const kindOf = (value: unknown): string => {
  if (value === undefined) return "missing"
  if (value === null) return "null"
  if (value === "") return "an empty string"
  if (typeof value === "string") return `a string of ${value.length} characters`
  if (value instanceof Uint8Array) return `an array of ${value.length} bytes`
  if (Array.isArray(value)) return `an array of ${value.length}`
  return typeof value === "object" ? "an object" : `a ${typeof value}`
}
