/**
 * For Vitest: a mock server of its own for each test, and matchers about what the client did to it.
 *
 * @module
 */
import { test as base, expect, type TestAPI } from "vitest"
import { createMockServer } from "./createMockServer.js"
import { type CleanLintOptions, matchers } from "./matchers.js"
import type { MockServerOptions } from "./protocol/Settings.js"
import type { MockServer } from "./server/MockServer.js"

export type { CleanLintOptions } from "./matchers.js"

/** The fixtures of `test`. */
export interface MockServerFixtures {
  /** What `mockServer` is created with. Default: nothing; `test.override("mockServerOptions", { … })` (in Vitest 3: `test.scoped({ mockServerOptions: { … } })`) gives it for a file or a `describe`. */
  readonly mockServerOptions: MockServerOptions
  /** Created when a test asks for it, closed after that test. */
  readonly mockServer: MockServer
}

/** Vitest's `test` with a `mockServer`; `.extend` adds fixtures of your own. */
export const test: TestAPI<MockServerFixtures> = base.extend<MockServerFixtures>({
  mockServerOptions: {},
  mockServer: async ({ mockServerOptions }, use) => {
    await using server = createMockServer(mockServerOptions)
    await use(server)
  },
})

expect.extend(matchers)

declare global {
  // Vitest 3, 4 and 5 build their assertions on Chai's; their own interfaces have other type parameters each.
  namespace Chai {
    interface Assertion {
      /** One refresh was granted, whatever else was tried: as many callers at once should end up. */
      toHaveRefreshedOnce(): void
      /** As many refreshes were granted. Those that were refused, or that met a fault, do not count. */
      toHaveRefreshedTimes(count: number): void
      /** No code and no refresh token was sent after it was used up, except where the client could not know. */
      toHaveNoReuse(): void
      /** `server.lint()` finds nothing, except by the rules that are left out. */
      toHaveCleanLint(options?: CleanLintOptions): void
      /** A code was issued, to this client or to any. */
      toHaveIssuedCode(clientId?: string): void
    }
  }
}
