import { createHash } from "node:crypto"
import fc from "fast-check"
import { expect, it } from "vitest"
import { sha256 } from "../../src/common/sha256.js"

it("agrees with the platform for every length around the block size", () => {
  for (let length = 0; length <= 200; length++) {
    const message = Uint8Array.from({ length }, (_, index) => (index * 31) & 255)
    expect(Buffer.from(sha256(message)).toString("hex")).toBe(
      createHash("sha256").update(message).digest("hex"),
    )
  }
})

it("agrees with the platform for any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1_000 }), (message) => {
      expect(Buffer.from(sha256(message))).toEqual(createHash("sha256").update(message).digest())
    }),
  )
})
