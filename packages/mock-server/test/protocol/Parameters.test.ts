import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { forLog, type Parameters, parseForm, parseJson, readText } from "../../src/protocol/Parameters.js"
import { Refusal } from "../../src/protocol/Refusal.js"

const parsed = (result: Parameters | Refusal): Parameters => {
  if (result instanceof Refusal) throw new Error(result.reason)
  return result
}

describe("parseForm", () => {
  it("decodes the example of RFC 6749 appendix B", () => {
    expect(parsed(parseForm("v=+%25%26%2B%C2%A3%E2%82%AC")).values.get("v")).toBe(" %&+£€")
  })

  it("gives back whatever a client encodes", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ unit: "grapheme", minLength: 1 }),
          fc.string({ unit: "grapheme", minLength: 1 }),
        ),
        (record) => {
          const { values, repeated } = parsed(parseForm(new URLSearchParams(record).toString()))
          expect(Object.fromEntries(values)).toEqual(record)
          expect(repeated).toEqual([])
        },
      ),
    )
  })

  it("treats an empty parameter as left out, but counts it as a repetition", () => {
    const { values, repeated } = parsed(parseForm("a=&b&c=1&a=2"))
    expect([...values]).toEqual([
      ["c", "1"],
      ["a", "2"],
    ])
    expect(repeated).toEqual(["a"])
  })

  it.each(["a=%", "a=%4", "a=%zz", "%ff=1", "a=%C3%28", "a=%ED%A0%80"])(
    "refuses the broken encoding %s",
    (text) => {
      expect(parseForm(text)).toBeInstanceOf(Refusal)
    },
  )

  it("refuses hundreds of parameters", () => {
    expect(parseForm(`${"a=1&".repeat(99)}a=1`)).not.toBeInstanceOf(Refusal)
    expect(parseForm("a=1&".repeat(200))).toBeInstanceOf(Refusal)
  })
})

describe("parseJson", () => {
  it("gives back whatever a client encodes", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string({ minLength: 1 })), (record) => {
        const { values, repeated } = parsed(parseJson(JSON.stringify(record, null, 2)))
        expect(new Map(Object.entries(record))).toEqual(values)
        expect(repeated).toEqual([])
      }),
    )
  })

  it.each([
    ['{"a":"1","a":"2"}', ["a"]],
    [`{"a":"1", "a" ${" ".repeat(99)}:"2"}`, ["a"]],
    ['{"a":"1","\\u0061":"2"}', ["a"]],
    ['{"a":"\\"a\\":","b":"a"}', []],
    ['{"__proto__":"1","__proto__":"2"}', ["__proto__"]],
  ])("finds what is there twice in %s", (text, repeated) => {
    expect(parsed(parseJson(text)).repeated).toEqual(repeated)
  })

  it.each(["", "null", "[]", '"a"', "1", "{", '{"a":1}', '{"a":null}', '{"a":["b"]}', '{"a":{"b":"c"}}'])(
    "refuses %s",
    (text) => {
      expect(parseJson(text)).toBeInstanceOf(Refusal)
    },
  )
})

it("refuses bytes that are not UTF-8", () => {
  expect(readText(Uint8Array.of(0x61, 0xff))).toBeInstanceOf(Refusal)
  expect(readText(Uint8Array.of(0x61))).toBe("a")
})

it("uses an object without a prototype for the log, and cuts long values", () => {
  const record = forLog(
    new Map([
      ["__proto__", "x"],
      ["long", "y".repeat(1_000)],
    ]),
  )
  expect(Object.keys(record)).toEqual(["__proto__", "long"])
  expect(Object.getPrototypeOf(record)).toBeNull()
  expect(record["long"]).toBe(`${"y".repeat(512)}… (1000 characters)`)
})
