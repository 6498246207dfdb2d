import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { decodeBase64Url, encodeBase64, encodeBase64Url } from "../../src/common/base64.js"

describe("base64", () => {
  test("is what Node makes of the same bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"))
        expect(encodeBase64Url(bytes)).toBe(Buffer.from(bytes).toString("base64url"))
      }),
    )
  })

  test("brings any text back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(decodeBase64Url(encodeBase64Url(text))).toBe(text)
      }),
    )
  })

  test.each(["a b", "YQ==", "a+b/", "A", "gA", "ä"])("does not read %j", (text) => {
    expect(() => decodeBase64Url(text)).toThrow()
  })
})
