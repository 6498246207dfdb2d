/**
 * Matchers for Jest that check the requests a client sent to a mock server.
 *
 * @module
 */
import { type CleanLintOptions, matchers } from "./matchers.js"

/** Jest's global `expect`. */
declare const expect: { extend(added: typeof matchers): void }

expect.extend(matchers)

declare global {
  namespace jest {
    interface Matchers<R, T> {
      /** Exactly one refresh was granted, which is right also for many callers at once. */
      toHaveRefreshedOnce(): R
      /** `count` refreshes were granted. Refused and skipped requests do not count. */
      toHaveRefreshedTimes(count: number): R
      /** No used-up code or refresh token was sent again, except where the client could not know that it was used up. */
      toHaveNoReuse(): R
      /** `server.lint()` returns no findings, apart from the rules in `except`. */
      toHaveCleanLint(options?: CleanLintOptions): R
      /** A code was issued to this client, or to any client if left out. */
      toHaveIssuedCode(clientId?: string): R
    }
  }
}
