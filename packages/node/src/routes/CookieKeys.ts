/** The keys that sign the cookies of logins, so that only these routes can start a login. */
import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto"

export class CookieKeys {
  /** The first key signs, all keys verify. */
  readonly #keys: readonly [Buffer, ...Buffer[]]

  /**
   * @param secrets the newest first
   * @param owner the client and its server. Another client with the same secret has other keys.
   */
  constructor(secrets: readonly [string, ...string[]], owner: string) {
    const derive = (secret: string) => Buffer.from(hkdfSync("sha256", secret, owner, purpose, 32))
    const [newest, ...older] = secrets
    this.#keys = [derive(newest), ...older.map(derive)]
  }

  /** The value with its signature (HMAC-SHA256). */
  sign(name: string, value: string): string {
    return `${value}.${mac(this.#keys[0], name, value)}`
  }

  /** The value, if its signature for this name is right; otherwise `undefined`. */
  verify(name: string, signed: string): string | undefined {
    const dot = signed.lastIndexOf(".")
    const value = signed.slice(0, Math.max(0, dot))
    const signature = signed.slice(dot + 1)
    // Compares the text, not the bytes, because several base64 texts decode to the same bytes.
    const isOwn = this.#keys.some((key) => equals(mac(key, name, value), signature))
    return isOwn ? value : undefined
  }
}

const purpose = "ellipsis-oauth login cookie"

const mac = (key: Buffer, name: string, value: string): string =>
  createHmac("sha256", key).update(`${name}=${value}`).digest("base64url")

const equals = (expected: string, given: string): boolean => {
  const [one, other] = [Buffer.from(expected), Buffer.from(given)]
  return one.length === other.length && timingSafeEqual(one, other)
}
