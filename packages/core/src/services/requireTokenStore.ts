/** Checks that an object has the calls of a token store. */
import { describe } from "../common/options.js"
import { ConfigurationError } from "../errors/ConfigurationError.js"
import type { TokenStoreAdapter } from "./TokenStoreAdapter.js"

const calls = ["read", "write", "remove", "lease", "release"]

/**
 * Returns a value that has the calls of a token store.
 *
 * @throws ConfigurationError for anything else, with the names of the missing calls
 */
export const requireTokenStore = (
  store: unknown,
  expected = "a token store, such as sqliteTokenStore({ path })",
): TokenStoreAdapter => {
  const found = Object(store) as Readonly<Record<string, unknown>>
  const missing = calls.filter((call) => typeof found[call] !== "function")
  if (missing.length > 0) {
    throw new ConfigurationError({
      option: "store",
      got: `${describe(store)} without ${missing.join(", ")}`,
      expected,
    })
  }
  return store as TokenStoreAdapter
}
