/** Random codes, tokens and identifiers, from the platform or from a seed. */
import { sha256 } from "@noble/hashes/sha2.js"
import { createView } from "@noble/hashes/utils.js"

export interface RandomSource {
  /** 40 random characters of base64url, 240 bits. */
  token(): string
  /** A version 4 UUID (RFC 9562 section 5.4), the form of the provider's authorization codes. */
  uuid(): string
  /** A number of at least 0 and less than 1. */
  fraction(): number
  /** Starts a seeded source again. */
  restart(): void
}

const alphabet = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"].map((char) =>
  char.charCodeAt(0),
)

/** 32 random bits at a time from a pool, because one call to the platform for each number would be slow. */
const platformWords = (): (() => number) => {
  const pool = new Uint32Array(512)
  let left = 0
  return () => {
    if (left === 0) {
      globalThis.crypto.getRandomValues(pool)
      left = pool.length
    }
    left -= 1
    return pool[left] as number
  }
}

/** sfc32, a small counter-based generator: repeatable and evenly distributed, but not secure. */
const seededWords = (seed: string): (() => number) => {
  const view = createView(sha256(new TextEncoder().encode(seed)))
  let [a, b, c, counter] = [view.getInt32(0), view.getInt32(4), view.getInt32(8), view.getInt32(12)]
  return () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
}

/** The same seed gives the same values in the same order; without one they are unpredictable. */
export const createRandom = (seed?: string | number): RandomSource => {
  const start = () => (seed === undefined ? platformWords() : seededWords(String(seed)))
  let word = start()
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, "0")
  return {
    token: () => {
      // Built in one call: appending forty single characters takes ten times as much memory.
      const codes: number[] = []
      for (let i = 0; i < 8; i++) {
        const bits = word()
        for (let shift = 0; shift < 30; shift += 6) codes.push(alphabet[(bits >>> shift) & 63] as number)
      }
      return String.fromCharCode(...codes)
    },
    uuid: () => {
      const [a, b, c, d] = [word(), word(), word(), word()]
      const variant = 0x8000 | ((c >>> 16) & 0x3fff)
      return `${hex(a, 8)}-${hex(b >>> 16, 4)}-4${hex(b & 0xfff, 3)}-${hex(variant, 4)}-${hex(c & 0xffff, 4)}${hex(d, 8)}`
    },
    fraction: () => word() / 0x1_0000_0000,
    restart: () => {
      word = start()
    },
  }
}
