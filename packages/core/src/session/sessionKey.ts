/** The keys of sessions. Does not import Effect, because the backend client of react uses it too. */
import { badOption, requireString } from "../common/options.js"

/** The key of the only session of an app with one user. */
export const defaultKey = "default"

/** @throws ConfigurationError for a key that no store can hold */
export const requireKey = (key: unknown): string => {
  const expected = "a string of 1 to 512 characters of well-formed Unicode, without NUL"
  const found = requireString("key", key, { expected, maxLength: 512 })
  if (/\0|\p{Surrogate}/u.test(found)) throw badOption("key", key, expected)
  return found
}
