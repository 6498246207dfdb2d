/**
 * The cookie that shows a page whether a user may be signed in, so that pages of other visitors make no request. Scripts
 * can read it. It contains no secret, only the time at which the session began.
 */
import type { AuthRoutesSettings } from "./AuthRoutesOptions.js"
import { cookieNameOf, readCookies, writeCookie } from "./cookies.js"
import type { SessionId } from "./SessionId.js"

export class HintCookie {
  readonly #settings: AuthRoutesSettings
  readonly #name: string

  constructor(settings: AuthRoutesSettings) {
    this.#settings = settings
    // The page searches for a name with this ending, since it does not know the option `cookieName`.
    this.#name = cookieNameOf(settings, "signed-in")
  }

  /** Lasts as long as the session's cookie. A new session has a new value, so that a page asks for a token again. */
  write(id: SessionId): string {
    const { lifetime } = this.#settings
    return writeCookie(this.#settings, this.#name, hintOf(id), lifetime, { isReadable: true })
  }

  /** Sets the cookie in a browser that has lost it, or whose session began before this cookie existed. */
  repair(cookieHeader: string | null, id: SessionId): readonly string[] {
    return readCookies(cookieHeader).get(this.#name) === hintOf(id) ? [] : [this.write(id)]
  }

  remove(): string {
    return writeCookie(this.#settings, this.#name, "", 0, { isReadable: true })
  }
}

const hintOf = ({ createdAt }: SessionId): string => createdAt.toString(36)
