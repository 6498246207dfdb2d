/**
 * A Vitest `test` with a new mock server for each test, and matchers that check the requests of a client.
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
  /** Options of `mockServer`. Default: none; `test.override("mockServerOptions", { … })` (in Vitest 3: `test.scoped({ mockServerOptions: { … } })`) sets them for a file or a `describe`. */
  readonly mockServerOptions: MockServerOptions
  /** Created when a test uses it, closed after that test. */
  readonly mockServer: MockServer
}

/** Vitest's `test` with a `mockServer`; `.extend` adds your own fixtures. */
export const test: TestAPI<MockServerFixtures> = base.extend<MockServerFixtures>({
  mockServerOptions: {},
  mockServer: async ({ mockServerOptions }, use) => {
    await using server = createMockServer(mockServerOptions)
    await use(server)
  },
})

expect.extend(matchers)

declare global {
  // The assertions of Vitest 3, 4 and 5 extend Chai's; the type parameters of their own interfaces differ.
  namespace Chai {
    interface Assertion {
      /** Exactly one refresh was granted, which is right also for many callers at once. */
      toHaveRefreshedOnce(): void
      /** `count` refreshes were granted. Refused and skipped requests do not count. */
      toHaveRefreshedTimes(count: number): void
      /** No used-up code or refresh token was sent again, except where the client could not know that it was used up. */
      toHaveNoReuse(): void
      /** `server.lint()` returns no findings, apart from the rules in `except`. */
      toHaveCleanLint(options?: CleanLintOptions): void
      /** A code was issued to this client, or to any client if left out. */
      toHaveIssuedCode(clientId?: string): void
    }
  }
}
