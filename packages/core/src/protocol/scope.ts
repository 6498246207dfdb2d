/** The scope of an access request (RFC 6749 §3.3). */
import { describe } from "../common/options.js"
import { ConfigurationError } from "../errors/ConfigurationError.js"

/** One string with spaces, or a list. */
export type ScopeOption = string | readonly string[]

/** The characters of one scope: printable ASCII except space, quote and backslash. */
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/** The scope as requests send it: its parts with a space between. `undefined` for none. @throws ConfigurationError */
export const formatScope = (scope: ScopeOption | undefined): string | undefined => {
  if (scope === undefined) return undefined
  const parts: readonly unknown[] | undefined =
    typeof scope === "string"
      ? scope.split(" ").filter((part) => part !== "")
      : Array.isArray(scope)
        ? scope
        : undefined
  if (parts === undefined || !parts.every((part) => typeof part === "string" && scopeToken.test(part))) {
    throw new ConfigurationError({
      option: "scope",
      got: parts === undefined ? describe(scope) : "a scope with a character that RFC 6749 §3.3 forbids",
      expected: 'scopes such as "projects", in one string with spaces or in an array',
    })
  }
  return parts.length === 0 ? undefined : parts.join(" ")
}

/** A scope as a list: of a string, or of a list as some servers send it. `undefined` if it names none. */
export const parseScope = (value: unknown): readonly string[] | undefined => {
  const parts = typeof value === "string" ? value.split(/\s+/) : Array.isArray(value) ? value : []
  const named = parts.filter((part): part is string => typeof part === "string" && part !== "")
  return named.length === 0 ? undefined : named
}
