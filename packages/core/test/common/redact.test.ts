import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { redact } from "../../src/common/redact.js"

test.each([
  [
    "the longer of two secrets that begin alike",
    "got abc-def and abc!",
    ["abc", "abc-def"],
    "got [redacted] and [redacted]!",
  ],
  ["every encoding", "a b a+b a%20b", ["a b"], "[redacted] [redacted] [redacted]"],
  ["what looks like a token, known or not", "id 7d4f3f0e-52a5-4c6b-9a55 is bad", [], "id [redacted] is bad"],
  ["no word, however long", "incomprehensibilities happen", [], "incomprehensibilities happen"],
  ["control characters", "a\r\nb\u0000\u2028c", [], "a b c"],
  ["bidi and zero-width characters", "a\u202eb\u200bc\u2066d\ufeffe", [], "abcde"],
  ["an empty secret hides nothing", "plain", [""], "plain"],
  [
    "a short secret inside a word is a part of that word",
    "invalid_request: s",
    ["s"],
    "invalid_request: [redacted]",
  ],
  [
    "a secret with zero-width characters in it",
    "got se\u200bcret-of\u200d-app",
    ["secret-of-app"],
    "got [redacted]",
  ],
  ["an echo that was cut off", "got my-long-sec", ["my-long-secret-of-app"], "got [redacted]"],
  [
    "an echo that was cut off, with dots",
    "got my-long-sec... and so on",
    ["my-long-secret-of-app"],
    "got [redacted]... and so on",
  ],
])("%s", (_, text, secrets, expected) => {
  expect(redact(text, secrets)).toBe(expected)
})

test.each([
  ["letters alone", "abcdefghijklmnopqrstuvwxyz", false],
  ["digits alone", "12345678901234567890123", false],
  ["19 characters", "a123456789012345678", false],
  ["20 characters", "a1234567890123456789", true],
  ["capital letters", "A1234567890123456789", true],
  ["its digit at the end", "abcdefghijklmnopqrs9", true],
  ["the punctuation of tokens", "a1-._~+=a1-._~+=a1-._~", true],
  ["other punctuation", "a1:/a1:/a1:/a1:/a1:/a1:/", false],
])("whether a run with %s looks like a token", (_, run, isHidden) => {
  expect(redact(`id ${run} is bad`, [])).toBe(`id ${isHidden ? "[redacted]" : run} is bad`)
})

test("a secret of 7 characters is hidden as a word, one of 8 anywhere", () => {
  expect(redact("x1234567x 1234567", ["1234567"])).toBe("x1234567x [redacted]")
  expect(redact("x12345678x 12345678", ["12345678"])).toBe("x[redacted]x [redacted]")
})

test("a text of 300 characters is whole, and of a long one 4,096 are read", () => {
  const words = "word ".repeat(60).trimEnd()
  expect(redact(`${words}s`, [])).toBe(`${words}s`)
  expect(redact(`${words}s1`, [])).toBe(`${words}s…`)
  expect(redact(`${" ".repeat(4095)}ab`, [])).toBe("a")
})

test("a long text is shortened", () => {
  expect(redact("word ".repeat(100), [])).toHaveLength(301)
})

describe("a secret is removed in every encoding that servers quote it in", () => {
  const secret = "p@s/w+r=d'&<\"£"
  const each = (encode: (character: string, code: number) => string, which = /./u) =>
    [...secret].map((c) => (which.test(c) ? encode(c, c.codePointAt(0) ?? 0) : c)).join("")
  const hex = (code: number, length: number) => code.toString(16).padStart(length, "0")
  const named: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    '"': "&quot;",
    "'": "&apos;",
    "/": "&sol;",
    "+": "&plus;",
    "=": "&equals;",
  }
  test.each([
    ["as it is", secret],
    ["in percent-encoding", encodeURIComponent(secret)],
    ["in lower case", encodeURIComponent(secret).toLowerCase()],
    ["of a form", new URLSearchParams([["", secret]]).toString().slice(1)],
    ["in JSON", JSON.stringify(secret).slice(1, -1)],
    ["in JSON of PHP", JSON.stringify(secret).slice(1, -1).replaceAll("/", "\\/")],
    ["in JSON with escapes", each((_, code) => `\\u${hex(code, 4)}`, /\W/)],
    ["in JSON with escapes of capital letters", each((_, code) => `\\u${hex(code, 4).toUpperCase()}`)],
    ["in JavaScript", each((_, code) => `\\x${hex(code, 2)}`, /\W/)],
    ["in hexadecimal entities", each((_, code) => `&#x${hex(code, 1)};`, /\W/)],
    [
      "in hexadecimal entities of capital letters",
      each((_, code) => `&#X${hex(code, 4).toUpperCase()};`, /\W/),
    ],
    ["in decimal entities", each((_, code) => `&#${code};`, /\W/)],
    ["in decimal entities with zeros", each((_, code) => `&#0${code};`, /\W/)],
    ["in named entities", each((c) => named[c] ?? c)],
    ["in base64", Buffer.from(secret).toString("base64")],
  ])("%s", (_, echo) => {
    expect(redact(`got ${echo} from you`, [secret])).toBe("got [redacted] from you")
  })

  test("in base64 that is too short to look like a token", () => {
    const short = Buffer.from("pass%é").toString("base64")
    expect(short.length).toBeLessThan(20)
    expect(redact(`got ${short} from you`, ["pass%é"])).toBe("got [redacted] from you")
  })

  test("mixed, and for all secrets", () => {
    const encode = fc.constantFrom<(c: string) => string>(
      (c) => c,
      (c) => encodeURIComponent(c),
      (c) => encodeURIComponent(c).replaceAll(/%../g, (code) => code.toLowerCase()),
      (c) => `&#${c.codePointAt(0)};`,
      (c) => `&#x${c.codePointAt(0)?.toString(16)};`,
      (c) => `\\u${hex(c.codePointAt(0) ?? 0, 4)}`,
    )
    const character = fc.constantFrom(..."abcXYZ0189-._~/+=&<>'\"@!")
    fc.assert(
      fc.property(fc.array(fc.tuple(character, encode), { minLength: 8, maxLength: 40 }), (parts) => {
        const plain = parts.map(([c]) => c).join("")
        const echo = parts.map(([c, encoded]) => encoded(c)).join("")
        expect(redact(`got: ${echo} !`, [plain])).toBe("got: [redacted] !")
      }),
    )
  })
})

test("takes time in proportion to the text, also if it repeats the beginning of a secret", () => {
  const secrets = ["a".repeat(256), `${"a".repeat(255)}b`]
  expect(redact("a".repeat(1_000_000), secrets)).toMatch(/^(\[redacted\])+$/)
})
