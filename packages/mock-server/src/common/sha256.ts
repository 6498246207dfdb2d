/**
 * SHA-256 (FIPS 180-4), synchronous. WebCrypto's digest is asynchronous, and a decision about a code must
 * not be open while another request for the same code arrives; node:crypto does not exist in browsers.
 */

const firstBits = (root: (n: number) => number) => (n: number) => (root(n) % 1) * 0x1_0000_0000

const primes = (count: number): number[] => {
  const found: number[] = []
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n)
  return found
}

let constants: { readonly k: Int32Array; readonly start: Int32Array } | undefined

const lazyConstants = () => {
  const first64 = primes(64)
  constants ??= {
    k: Int32Array.from(first64.map(firstBits(Math.cbrt))),
    start: Int32Array.from(first64.slice(0, 8).map(firstBits(Math.sqrt))),
  }
  return constants
}

const rotate = (x: number, by: number) => (x >>> by) | (x << (32 - by))

/** The digest of `message`: 32 bytes. */
export const sha256 = (message: Uint8Array): Uint8Array => {
  const { k, start } = constants ?? lazyConstants()
  const length = message.length
  const padded = new Uint8Array(((length + 8) >> 6) * 64 + 64)
  padded.set(message)
  padded[length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, Math.floor(length / 0x2000_0000))
  view.setUint32(padded.length - 4, (length << 3) >>> 0)

  const hash = Int32Array.from(start)
  const w = new Int32Array(64)
  const at = (array: Int32Array, index: number) => array[index] as number
  for (let offset = 0; offset < padded.length; offset += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(offset + i * 4)
    for (let i = 16; i < 64; i++) {
      const x = at(w, i - 15)
      const y = at(w, i - 2)
      const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3)
      const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10)
      w[i] = at(w, i - 16) + s0 + at(w, i - 7) + s1
    }
    let a = at(hash, 0)
    let b = at(hash, 1)
    let c = at(hash, 2)
    let d = at(hash, 3)
    let e = at(hash, 4)
    let f = at(hash, 5)
    let g = at(hash, 6)
    let h = at(hash, 7)
    for (let i = 0; i < 64; i++) {
      const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + at(k, i) + at(w, i)) | 0
      const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
      h = g
      g = f
      f = e
      e = (d + t1) | 0
      d = c
      c = b
      b = a
      a = (t1 + t2) | 0
    }
    const mixed = [a, b, c, d, e, f, g, h]
    for (let i = 0; i < 8; i++) hash[i] = at(hash, i) + (mixed[i] as number)
  }

  const digest = new Uint8Array(32)
  const out = new DataView(digest.buffer)
  for (let i = 0; i < 8; i++) out.setInt32(i * 4, at(hash, i))
  return digest
}
