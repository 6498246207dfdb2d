import { expect, test } from "vitest"
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
  ["an empty secret hides nothing", "plain", [""], "plain"],
])("%s", (_, text, secrets, expected) => {
  expect(redact(text, secrets)).toBe(expected)
})

test("a page is cut short", () => {
  expect(redact("word ".repeat(100), [])).toHaveLength(301)
})
