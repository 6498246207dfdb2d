/** The logins that a browser has started. Each has its own cookie, so that several can be under way. */
import { parseTransaction, transactionLifetime } from "@ellipsis-oauth/core/promise"
import type { AuthRoutesSettings } from "./AuthRoutesOptions.js"
import { cookieNameOf, writeCookie } from "./cookies.js"
import { hash } from "./hash.js"

/** How many logins of a browser may be under way, and how many characters their cookies may have together. */
const mostLogins = 5
const mostCharacters = 4096

export interface PendingLogin {
  /** The name of the cookie. */
  readonly name: string
  readonly transaction: string
}

export class LoginCookies {
  readonly #settings: AuthRoutesSettings
  readonly #prefix: string

  constructor(settings: AuthRoutesSettings) {
    this.#settings = settings
    this.#prefix = cookieNameOf(settings, "login-")
  }

  /** The cookies to set for a new login: its own cookie, and the removal of the oldest ones if there are too many. */
  add(cookies: ReadonlyMap<string, string>, transaction: string): readonly string[] {
    const name = this.#nameOf(parseTransaction(transaction)?.state ?? "")
    const others = [...cookies].filter(([other]) => this.#isName(other) && other !== name)
    const newestFirst = others
      .map(([other, value]) => ({ other, value, start: this.#startOf(other, value) }))
      .sort((one, other) => other.start - one.start)
    const signed = this.#settings.cookieKeys.sign(name, transaction)
    let characters = name.length + signed.length
    const evicted = newestFirst.filter(({ other, value }, index) => {
      characters += other.length + value.length
      return index + 1 >= mostLogins || characters > mostCharacters
    })
    const cookie = writeCookie(this.#settings, name, signed, transactionLifetime)
    return [cookie, ...evicted.map(({ other }) => this.remove(other))]
  }

  /** The login that a callback belongs to, by its state. Cookies that these routes did not sign are ignored. */
  find(cookies: ReadonlyMap<string, string>, state: string): PendingLogin | undefined {
    const name = this.#nameOf(state)
    const cookie = cookies.get(name)
    const transaction = cookie === undefined ? undefined : this.#settings.cookieKeys.verify(name, cookie)
    return transaction === undefined ? undefined : { name, transaction }
  }

  /** The cookie that removes a login from the browser. */
  remove(name: string): string {
    return writeCookie(this.#settings, name, "", 0)
  }

  /** Milliseconds since the epoch; 0 for a cookie that these routes did not set. */
  #startOf(name: string, value: string): number {
    const transaction = this.#settings.cookieKeys.verify(name, value)
    return parseTransaction(transaction)?.createdAt ?? 0
  }

  /** Whether a cookie is of these routes. A request can have any cookie. */
  #isName(name: string): boolean {
    return name.startsWith(this.#prefix) && /^[\w-]{22}$/.test(name.slice(this.#prefix.length))
  }

  #nameOf(state: string): string {
    return `${this.#prefix}${hash(state).slice(0, 22)}`
  }
}
