/** Matchers for the log of a server, whose messages show the requests. */
import type { Rule } from "./log/Finding.js"
import type { LogEntry } from "./log/Log.js"
import { transcript } from "./log/transcript.js"
import type { MockServer } from "./server/MockServer.js"

/** The result of a matcher, for `expect.extend` of Vitest and Jest. */
export interface Verdict {
  readonly pass: boolean
  /** Why `expect` failed; after `.not`, why that failed. */
  readonly message: () => string
}

/** Options of `toHaveCleanLint`. */
export interface CleanLintOptions {
  /** Rules that this test ignores. */
  readonly except?: readonly Rule[]
}

const isServer = (value: unknown): value is MockServer =>
  typeof value === "object" && value !== null && "log" in value && "lint" in value

const serverOf = (matcher: string, received: unknown): MockServer => {
  if (isServer(received)) return received
  throw new TypeError(`${matcher}: expect takes a mock server, created by createMockServer`)
}

/** The whole log; fails if its oldest entries were deleted, because counts would then be wrong. */
const wholeLog = (matcher: string, received: unknown): readonly LogEntry[] => {
  const { log } = serverOf(matcher, received)
  const deleted = (log[0]?.number ?? 1) - 1
  if (deleted === 0) return log
  throw new RangeError(
    `${matcher}: the oldest ${deleted} requests are no longer in the log; create the server with a larger logSize`,
  )
}

const times = (count: number): string => (count === 1 ? "once" : count === 2 ? "twice" : `${count} times`)

const describeLog = (entries: readonly LogEntry[], nothing: string): string =>
  entries.length === 0 ? nothing : `\n\n${transcript(entries).trimEnd()}`

const refreshed = (matcher: string, received: unknown, expected: number): Verdict => {
  const requests = wholeLog(matcher, received).filter(({ grantType }) => grantType === "refresh_token")
  const count = requests.filter(({ decision }) => decision === "granted").length
  const others = requests.length - count
  const rest = [
    others === 0 ? "." : `; ${others} more ${others === 1 ? "request was" : "requests were"} not granted.`,
    describeLog(requests, " There was no refresh request."),
  ].join("")
  const expectation = expected === 0 ? "never" : times(expected)
  return {
    pass: count === expected,
    message: () =>
      count === expected
        ? `The client should not have refreshed ${expectation}, but did${rest}`
        : `The client should have refreshed ${expectation}, but ${count === 0 ? "never did" : `did ${times(count)}`}${rest}`,
  }
}

const found = (
  server: MockServer,
  accept: (rule: Rule) => boolean,
  failure: string,
  negatedFailure: string,
): Verdict => {
  const findings = server.lint().filter(({ rule }) => accept(rule))
  return {
    pass: findings.length === 0,
    message: () => {
      if (findings.length === 0) return negatedFailure
      const lines = findings.map(
        ({ rule, entry, message, section }) => `- ${rule}, request ${entry}: ${message} (${section})`,
      )
      const entries = server.log.filter(({ number }) => findings.some(({ entry }) => entry === number))
      return `${failure}\n\n${lines.join("\n")}${describeLog(entries, "")}`
    },
  }
}

/** The matchers as an object, for `expect.extend`. */
export const matchers = {
  toHaveRefreshedOnce: (received: unknown): Verdict => refreshed("toHaveRefreshedOnce", received, 1),
  toHaveRefreshedTimes: (received: unknown, count: number): Verdict => {
    if (Number.isInteger(count) && count >= 0) return refreshed("toHaveRefreshedTimes", received, count)
    throw new TypeError(`toHaveRefreshedTimes takes a whole number of at least 0, got ${count}`)
  },
  toHaveNoReuse: (received: unknown): Verdict =>
    found(
      serverOf("toHaveNoReuse", received),
      (rule) => rule === "code-used-twice" || rule === "rotated-token-used",
      "The client should have sent no code and no refresh token after it was used up, but did:",
      "The client should have sent a code or a refresh token after it was used up, but did not.",
    ),
  toHaveCleanLint: (received: unknown, { except = [] }: CleanLintOptions = {}): Verdict =>
    found(
      serverOf("toHaveCleanLint", received),
      (rule) => !except.includes(rule),
      "The client should have done nothing that an RFC advises against, but did:",
      "The client should have done something that an RFC advises against, but lint() finds nothing.",
    ),
  toHaveIssuedCode: (received: unknown, clientId?: string): Verdict => {
    const requests = wholeLog("toHaveIssuedCode", received).filter(({ endpoint }) => endpoint === "authorize")
    const codes = requests.filter(
      (entry) => entry.decision === "granted" && entry.clientId === (clientId ?? entry.clientId),
    )
    const recipient = clientId === undefined ? "" : ` to ${clientId}`
    return {
      pass: codes.length > 0,
      message: () =>
        codes.length > 0
          ? `The server should have issued no code${recipient}, but issued ${codes.length}.${describeLog(codes, "")}`
          : `The server should have issued a code${recipient}, but did not.${describeLog(requests, " There was no authorization request.")}`,
    }
  },
} as const
