/**
 * For Jest: matchers about what a client did to a mock server.
 *
 * @module
 */
import { type CleanLintOptions, matchers } from "./matchers.js"

/** Jest's own, which is a global. */
declare const expect: { extend(added: typeof matchers): void }

expect.extend(matchers)

declare global {
  namespace jest {
    interface Matchers<R, T> {
      /** One refresh was granted, whatever else was tried: as many callers at once should end up. */
      toHaveRefreshedOnce(): R
      /** As many refreshes were granted. Those that were refused, or that met a fault, do not count. */
      toHaveRefreshedTimes(count: number): R
      /** No code and no refresh token was sent after it was used up, except where the client could not know. */
      toHaveNoReuse(): R
      /** `server.lint()` finds nothing, except by the rules that are left out. */
      toHaveCleanLint(options?: CleanLintOptions): R
      /** A code was issued, to this client or to any. */
      toHaveIssuedCode(clientId?: string): R
    }
  }
}
