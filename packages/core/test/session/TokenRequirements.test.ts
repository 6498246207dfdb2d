// What a caller asks of a token, read without allocation where it is plain.
import { describe, expect, test } from "vitest"
import { plainMinValidity, readRequirements } from "../../src/session/TokenRequirements.js"
import { thrown } from "../fixtures.js"

const minute = 60_000
const longest = 2 ** 31 - 1

describe("requirements that the fast path reads", () => {
  test.each([
    [undefined, minute],
    [{}, minute],
    [{ minValidity: undefined }, minute],
    [{ minValidity: 0 }, 0],
    [{ minValidity: 1 }, 1],
    [{ minValidity: longest }, longest],
    [{ minValidity: 5000, force: false, signal: new AbortController().signal }, 5000],
    [{ force: undefined }, minute],
  ])("%o: %d ms", (options, expected) => {
    expect(plainMinValidity(options)).toBe(expected)
    if (options !== undefined) expect(readRequirements(options)).toEqual({ least: expected, force: false })
  })
})

describe("requirements that the fast path leaves to the full check", () => {
  test.each([
    [{ force: true }, { least: minute, force: true }],
    [
      { minValidity: 0, force: true },
      { least: 0, force: true },
    ],
    [{ minValidity: "5 seconds" }, { least: 5000, force: false }],
  ] as const)("%o", (options, expected) => {
    expect(plainMinValidity(options)).toBeUndefined()
    expect(readRequirements(options)).toEqual(expected)
  })

  test.each([
    [null, "options"],
    ["1 minute", "options"],
    [7, "options"],
    [{ validity: 1 }, "validity"],
    [{ minValidity: -1 }, "minValidity"],
    [{ minValidity: 0.5 }, "minValidity"],
    [{ minValidity: longest + 1 }, "minValidity"],
    [{ minValidity: Number.NaN }, "minValidity"],
    [{ minValidity: Number.POSITIVE_INFINITY }, "minValidity"],
    [{ minValidity: "0 seconds" }, "minValidity"],
    [{ minValidity: null }, "minValidity"],
    [{ minValidity: true }, "minValidity"],
    [{ minValidity: [1] }, "minValidity"],
    [{ minValidity: "60" }, "minValidity"],
    [{ force: "false" }, "force"],
    [{ force: 1 }, "force"],
    [{ force: 0 }, "force"],
    [{ force: "" }, "force"],
    [{ force: null }, "force"],
    [{ force: {} }, "force"],
    [{ signal: {} }, "signal"],
    [{ signal: "abort" }, "signal"],
    [{ signal: { aborted: false } }, "signal"],
  ])("%o is refused, and %s is named", (options, option) => {
    expect(plainMinValidity(options as never)).toBeUndefined()
    expect(thrown(() => readRequirements(options as never))).toMatchObject({
      _tag: "ConfigurationError",
      option,
    })
  })
})
