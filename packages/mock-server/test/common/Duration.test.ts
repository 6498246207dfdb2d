import { describe, expect, it } from "vitest"
import { inWords, toMilliseconds } from "../../src/common/Duration.js"
import { OptionError } from "../../src/common/OptionError.js"

describe("toMilliseconds", () => {
  it.each([
    [0, 0],
    [1_500, 1_500],
    ["1 hour", 3_600_000],
    ["90 seconds", 90_000],
    ["1.5 minutes", 90_000],
    ["250 ms", 250],
    ["2 days", 172_800_000],
  ])("reads %j", (text, milliseconds) => {
    expect(toMilliseconds("x", text)).toBe(milliseconds)
  })

  it.each([
    "soon",
    "",
    "-1 second",
    "1 fortnight",
    "1",
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    null,
    {},
    "1 constructor",
  ])("refuses %j and names the option", (value) => {
    expect(() => toMilliseconds("codeLifetime", value)).toThrow(OptionError)
    expect(() => toMilliseconds("codeLifetime", value)).toThrow(
      /^Option "codeLifetime" must be milliseconds .+"1 hour", got .+\.$/,
    )
  })
})

describe("inWords", () => {
  it.each([
    [0, "0 ms"],
    [999, "999 ms"],
    [1_000, "1 second"],
    [61_000, "1 minute 1 second"],
    [3_600_000, "1 hour"],
    [90_061_000, "1 day 1 hour"],
  ])("says %d", (milliseconds, words) => {
    expect(inWords(milliseconds)).toBe(words)
  })
})
