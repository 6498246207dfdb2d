/** The cookie that holds a browser's session id. */
import type { AuthRoutesSettings } from "./AuthRoutesOptions.js"
import { cookieNameOf, readCookies, writeCookie } from "./cookies.js"
import { parseSessionId, type SessionId } from "./SessionId.js"

export class SessionCookie {
  readonly #settings: AuthRoutesSettings
  readonly #name: string

  constructor(settings: AuthRoutesSettings) {
    this.#settings = settings
    this.#name = cookieNameOf(settings, "session")
  }

  read(cookieHeader: string | null): SessionId | undefined {
    return parseSessionId(readCookies(cookieHeader).get(this.#name), this.#settings.owner)
  }

  /** Lasts as long as a session can. The time of the last use is in the store, so the cookie never changes. */
  write({ value }: SessionId): string {
    return writeCookie(this.#settings, this.#name, value, this.#settings.lifetime)
  }

  remove(): string {
    return writeCookie(this.#settings, this.#name, "", 0)
  }
}
