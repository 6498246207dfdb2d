/** The code that is mutated, a part at a time: which tests run against it, and how many mutants in a hundred must die. */

export interface Area {
  /** What to mutate, from the root. */
  readonly sources: readonly string[]
  /** The tests that run against the mutants, from the root. */
  readonly tests: readonly string[]
  /** The least score, in percent. */
  readonly score: number
}

const coreTests = ["packages/core/test/**/*.test.ts"]

export const areas = {
  "core/session": {
    sources: ["packages/core/src/{session,client}/**/*.ts"],
    tests: coreTests,
    score: 90,
  },
  "core/protocol": {
    sources: ["packages/core/src/protocol/**/*.ts"],
    tests: coreTests,
    score: 90,
  },
  "core/services": {
    sources: ["packages/core/src/services/**/*.ts"],
    tests: coreTests,
    score: 90,
  },
  "core/common": {
    sources: ["packages/core/src/{common,errors}/**/*.ts"],
    tests: coreTests,
    score: 85,
  },
  // The adapters' tests are those of the facade.
  "core/promise": {
    sources: ["packages/core/src/{promise,testing}/**/*.ts"],
    tests: [
      ...coreTests,
      "packages/node/test/{createTokenClient,secrets,peers}.test.ts",
      "packages/node/test/ky/*.test.ts",
    ],
    score: 85,
  },
  "node/transport": {
    sources: ["packages/node/src/{api,client,effect,transport}/**/*.ts"],
    tests: ["packages/node/test/*.test.ts", "packages/node/test/{effect,ky}/*.test.ts"],
    score: 85,
  },
  "node/routes": {
    sources: ["packages/node/src/routes/**/*.ts"],
    tests: [
      "packages/node/test/routes/{createAuthRoutes,requestOrigin,hostile,endings,address,mounts,fuzz,sharedStore,hintCookie}.test.ts",
    ],
    score: 85,
  },
  "node/stores": {
    sources: ["packages/node/src/stores/**/*.ts"],
    // That of the guides reads files that are not copied.
    tests: [
      "packages/node/test/stores/{databaseDeadline,secrets,sqliteFile,sqliteLeases,*TokenStore}.test.ts",
    ],
    score: 85,
  },
  "mock-server/grants": {
    sources: ["packages/mock-server/src/grants/**/*.ts"],
    tests: [
      "packages/mock-server/test/{grants,endpoints,log,protocol,server}/**/*.test.ts",
      "packages/mock-server/test/{createMockServer,hostile}.test.ts",
    ],
    score: 85,
  },
  "mock-server/endpoints": {
    sources: ["packages/mock-server/src/endpoints/**/*.ts"],
    tests: [
      "packages/mock-server/test/{grants,endpoints,log,protocol,server}/**/*.test.ts",
      "packages/mock-server/test/{createMockServer,hostile}.test.ts",
    ],
    score: 85,
  },
} as const satisfies Readonly<Record<string, Area>>
