// cspell:ignore tmeout timeoutts
import { describe, expect, test } from "vitest"
import { isDuration, requireAge, requireDuration } from "../../src/common/duration.js"
import {
  describe as describeValue,
  editDistance,
  isLoopback,
  requireOptions,
  show,
} from "../../src/common/options.js"
import { ConfigurationError, ellipsisDrive, makeClient, rfc6749 } from "../../src/index.js"
import { server, thrown } from "../fixtures.js"

const refused = (evaluate: () => unknown) => {
  const error = thrown(evaluate)
  expect(error).toBeInstanceOf(ConfigurationError)
  return error as ConfigurationError
}

describe("the error for a bad client option has its name, the value and what is expected", () => {
  const good = { clientId: "app" }
  const cases: readonly [string, object, string, RegExp][] = [
    ["clientId", { clientId: undefined }, "missing", /client id/],
    ["clientId", { clientId: "" }, "an empty string", /client id/],
    ["clientId", { clientId: 7 }, "a number", /client id/],
    ["clientId", { clientId: "x".repeat(51) }, "of 51 characters", /at most 50/],
    ["clientSecret", { clientSecret: undefined }, "missing", /secret/],
    ["clientSecret", { clientSecret: "" }, "an empty string", /secret/],
    ["clientSecret", { clientSecret: "x".repeat(101) }, "a string of 101 characters", /at most 100/],
    ["clientSecret", { clientAuthentication: "body" }, "missing", /secret/],
    ["clientAuthentication", { clientAuthentication: "post" }, '"post"', /"body" or "basic"/],
    [
      "clientAuthentication",
      { clientSecret: "s", clientAuthentication: "none" },
      '"none"',
      /"body", "basic"/,
    ],
    [
      "clientId",
      { clientId: "a:b", clientSecret: "s", clientAuthentication: "basic-raw" },
      "colon",
      /RFC 7617/,
    ],
    ["redirectUri", { redirectUri: "" }, "an empty string", /absolute URL/],
    ["redirectUri", { redirectUri: "callback" }, '"callback"', /absolute URL/],
    [
      "redirectUri",
      { redirectUri: `https://app.example/${"x".repeat(81)}` },
      "of 101 characters",
      /at most 100/,
    ],
    ["redirectUri", { redirectUri: "https://app.example/#x" }, "#x", /without a fragment/],
    ["redirectUri", { redirectUri: "javascript:alert(1)" }, "javascript:", /absolute URL/],
  ]
  test.each(cases)("%s of %o", (option, options, got, expected) => {
    const error = refused(() => makeClient(server, { ...good, ...options }))
    expect(error.option).toBe(option)
    expect(error.got).toContain(got)
    expect(error.expected).toMatch(expected)
    expect(error.message).toContain(`"${option}"`)
    expect(error.action).toBe("fix")
  })

  test.each([
    ["in its place", { clientSecret: "canary".repeat(20) }],
    ["in that of the client id", { clientId: "canary".repeat(10), clientSecret: "app" }],
  ])("a secret that is too long is not quoted, %s", (_, options) => {
    const error = refused(() => makeClient(server, { ...good, ...options }))
    expect(JSON.stringify(error) + error.message).not.toContain("canary")
  })

  test("the longest values that the provider stores are accepted", () => {
    const redirectUri = `https://app.example/${"x".repeat(80)}`
    const longest = { clientId: "i".repeat(50), clientSecret: "s".repeat(100), redirectUri }
    expect(makeClient(server, longest)).toMatchObject({ clientId: longest.clientId, redirectUri })
  })

  test("a standard server has no limits of length", () => {
    const on = rfc6749({
      authorizationEndpoint: "https://as.example/a",
      tokenEndpoint: "https://as.example/t",
    })
    expect(makeClient(on, { clientId: "i".repeat(51) }).clientId).toHaveLength(51)
  })
})

describe("endpoints", () => {
  test.each([
    ["not a URL", "api.example/v3"],
    ["another scheme", "ftp://api.example/v3"],
    ["credentials", "https://user:canary@api.example/v3"],
    ["a query", "https://api.example/v3?x=1"],
    ["a fragment", "https://api.example/v3#x"],
    ["plain http", "http://api.example/v3"],
    ["plain http to a name that only starts like loopback", "http://127.0.0.1.example/v3"],
    ["plain http to a name that only ends like one", "http://notlocalhost/v3"],
  ])("%s is refused", (_, baseUrl) => {
    const error = refused(() => ellipsisDrive({ baseUrl }))
    expect(error.option).toBe("baseUrl")
    expect(error.message).not.toContain("canary")
  })

  test("the error names the endpoint", () => {
    const right = "https://as.example/x"
    for (const option of ["authorizationEndpoint", "tokenEndpoint"]) {
      const options = { authorizationEndpoint: right, tokenEndpoint: right, [option]: "as.example/x" }
      expect(refused(() => rfc6749(options)).option).toBe(option)
    }
  })

  test.each([
    "https://user:p/canary@api.example/v3",
    "https://user:canary@api.example:port/v3",
    "user:canary@api.example/v3",
    "//user:canary@api.example/v3",
  ])("the error does not show the password of %s, which is not an https: URL", (url) => {
    for (const evaluate of [
      () => ellipsisDrive({ baseUrl: url }),
      () => rfc6749({ authorizationEndpoint: url, tokenEndpoint: "https://as.example/t" }),
    ]) {
      const error = refused(evaluate)
      expect(JSON.stringify(error) + error.message).not.toContain("canary")
      expect(error.got).toBe('a URL with "@", which is not shown since it may contain a password')
    }
  })

  test("a text does not allow plain http, and an unknown limit is refused", () => {
    const baseUrl = "http://drive.lan/v3"
    expect(refused(() => ellipsisDrive({ baseUrl, allowInsecure: "false" as never })).message).toBe(
      'Option "allowInsecure" must be true or false, got "false".',
    )
    expect(refused(() => ellipsisDrive({ limits: { clientID: 80 } as never })).message).toContain(
      'Option "clientID" must be spelled "clientId"',
    )
    expect(refused(() => ellipsisDrive({ limits: 80 as never })).option).toBe("limits")
    for (const state of ["50", Number.NaN, 0, -1, false, {}]) {
      const error = refused(() => ellipsisDrive({ limits: { state: state as never } }))
      expect(error).toMatchObject({ option: "limits.state", expected: "a number from 1" })
    }
    expect(ellipsisDrive({ limits: { state: Number.POSITIVE_INFINITY } }).limits.state).toBe(Infinity)
    expect(ellipsisDrive({ limits: { state: undefined } }).limits).toEqual(ellipsisDrive().limits)
  })

  test.each([
    "http://localhost:3000/v3",
    "http://drive.localhost/v3",
    "http://127.0.0.1:1/v3",
    "http://127.9.9.9/v3",
    "http://[::1]:8080/v3",
    "https://drive.example/v3",
    "https://drive.example/v3/",
  ])("%s is taken", (baseUrl) => {
    expect(ellipsisDrive({ baseUrl }).tokenEndpoint).toBe(`${baseUrl.replace(/\/$/, "")}/oauth/token`)
  })

  test.each([
    "http://127.0.0.1.evil.example/v3",
    "http://localhost.evil.example/v3",
    "http://evil-localhost/v3",
    "http://evil127.0.0.1.example/v3",
    "http://128.0.0.1/v3",
    "http://[::2]/v3",
    "http://.localhost.example/v3",
    // Addresses of this machine on a network, and of others in its notation.
    "http://0.0.0.0/v3",
    "http://[::]/v3",
    "http://[::ffff:8.8.8.8]/v3",
    "http://169.254.0.1/v3",
    "http://192.168.0.1/v3",
  ])("%s only looks like this machine, and is refused", (baseUrl) => {
    expect(refused(() => ellipsisDrive({ baseUrl })).option).toBe("baseUrl")
  })

  test("plain http to another machine requires allowInsecure", () => {
    const { tokenEndpoint } = ellipsisDrive({ baseUrl: "http://drive.lan/v3", allowInsecure: true })
    expect(tokenEndpoint).toBe("http://drive.lan/v3/oauth/token")
  })

  test("slashes at the end of the base URL make no difference", () => {
    expect(ellipsisDrive({ baseUrl: "https://drive.example/v3///" })).toMatchObject({
      authorizationEndpoint: "https://drive.example/v3/oauth/authorize",
      tokenEndpoint: "https://drive.example/v3/oauth/token",
    })
  })

  test("the hosted service is the default", () => {
    expect(ellipsisDrive()).toMatchObject({
      authorizationEndpoint: "https://api.ellipsis-drive.com/v3/oauth/authorize",
      tokenEndpoint: "https://api.ellipsis-drive.com/v3/oauth/token",
      bodyEncoding: "form",
      codeParameter: "authorization_code",
    })
  })

  test("an unknown body encoding is refused", () => {
    expect(refused(() => ellipsisDrive({ bodyEncoding: "xml" as never })).option).toBe("bodyEncoding")
  })
})

describe("durations", () => {
  test.each([
    [1500, 1500],
    ["10 seconds", 10_000],
    ["1 minute", 60_000],
    ["250 millis", 250],
  ])("%o is %i ms", (value, milliseconds) => {
    expect(requireDuration("timeout", value)).toBe(milliseconds)
  })

  test.each(["soon", "", 0, -1, Number.NaN, Number.POSITIVE_INFINITY, "Infinity", 2 ** 31, null, {}, true])(
    "%o is refused",
    (value) => {
      const error = refused(() => requireDuration("timeout", value))
      expect(error.option).toBe("timeout")
      expect(error.expected).toContain('"10 seconds"')
    },
  )

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1])("the error shows the number %d", (value) => {
    expect(refused(() => requireDuration("timeout", value)).got).toBe(String(value))
  })

  test.each([
    ["1 nano", 1e-6],
    ["2 micros", 0.002],
    ["1.5 millis", 1.5],
    ["3 hours", 10_800_000],
    ["1 day", 86_400_000],
    ["2 weeks", 1_209_600_000],
    ["0.25  seconds", 250],
  ])("%s is %d ms", (value, milliseconds) => {
    expect(requireAge("lifetime", value, { min: 0, max: Number.MAX_VALUE, expected: "a time" })).toBe(
      milliseconds,
    )
  })

  test.each([
    " 1 second",
    "1 second ",
    "1second",
    "1 Second",
    "1 secondss",
    "1 toString",
    "1e3 seconds",
    "1. seconds",
    ".5 seconds",
    "1_0 seconds",
    `${"1".repeat(16)} seconds`,
  ])("%j is no duration", (value) => {
    expect(refused(() => requireDuration("timeout", value)).got).toBe(JSON.stringify(value))
  })

  test("both ends of a range belong to it", () => {
    const longest = 2 ** 31 - 1
    expect([0.99, 1, longest, longest + 1].map(isDuration)).toEqual([false, true, true, false])
    const range = { min: 5, max: 9, expected: "from 5 to 9" }
    expect([5, 9].map((value) => requireAge("age", value, range))).toEqual([5, 9])
    for (const value of [4.9, 9.1]) {
      expect(refused(() => requireAge("age", value, range))).toMatchObject({ expected: "from 5 to 9" })
    }
    expect([1, 2 ** 40].map((value) => requireAge("age", value))).toEqual([1, 2 ** 40])
    expect(refused(() => requireAge("age", 0.5)).expected).toContain('"90 days"')
  })

  test("the error quotes what it got", () => {
    expect(refused(() => requireDuration("timeout", "soon")).message).toBe(
      'Option "timeout" must be milliseconds from 1 to 2147483647, or a string such as "10 seconds", got "soon".',
    )
  })
})

describe("what is described and not shown", () => {
  test.each([
    [undefined, "missing"],
    [null, "null"],
    ["", "an empty string"],
    ["kanary", "a string of 6 characters"],
    [new Uint8Array(3), "an array of 3 bytes"],
    [[1, 2], "an array of 2"],
    [{}, "an object"],
    [7, "a number"],
    [() => {}, "a function"],
  ])("%o", (value, words) => {
    expect(describeValue(value)).toBe(words)
  })
})

test.each([
  ["", "an empty string"],
  ["x", '"x"'],
  [0, "0"],
  [false, "false"],
  [undefined, "missing"],
  [[], "an array of 0"],
])("%j is shown as %s", (value, shown) => {
  expect(show(value)).toBe(shown)
})

test.each([
  ["", "", 0],
  ["", "abc", 3],
  ["abc", "", 3],
  ["abc", "abc", 0],
  ["kitten", "sitting", 3],
  ["abc", "bc", 1],
  ["ab", "ba", 2],
  ["timeout", "tiemout", 2],
  ["x".repeat(1000), "x", 63],
])("from %j to %j takes %i changes", (from, to, changes) => {
  expect(editDistance(from, to)).toBe(changes)
})

test.each([
  ["localhost", true],
  ["LOCALHOST", true],
  ["drive.localhost", true],
  ["127.0.0.1", true],
  ["127.255.0.9", true],
  ["[::1]", true],
  [".localhost", false],
  ["notlocalhost", false],
  ["localhost.example", false],
  ["127.0.0.1.example", false],
  ["x127.0.0.1", false],
  ["127.0.0", false],
  ["127.0.0.1.1", false],
  ["127.0.0.1111", false],
  ["[::11]", false],
  ["[::1]x", false],
])("whether %s is this machine: %s", (hostname, expected) => {
  expect(isLoopback(hostname)).toBe(expected)
})

test("the error for an unknown option suggests only a similar name", () => {
  const names = ["timeout", "deadline"] as const
  const told = (name: string) =>
    (refused(() => requireOptions({ [name]: 1 }, names as never, "x")) as { expected: string }).expected
  expect(told("timeOut")).toBe('spelled "timeout"')
  expect(told("tmeout")).toBe('spelled "timeout"')
  expect(told("timeoutts")).toBe('spelled "timeout"')
  expect(told("zzz")).toBe("one of timeout, deadline")
})

test("the base URL must not be that of an endpoint", () => {
  for (const endpoint of ["token", "authorize"]) {
    expect(
      refused(() => ellipsisDrive({ baseUrl: `https://drive.example/v3/oauth/${endpoint}` })),
    ).toMatchObject({
      option: "baseUrl",
      expected: 'the base of the API, "https://drive.example/v3"',
    })
  }
})
