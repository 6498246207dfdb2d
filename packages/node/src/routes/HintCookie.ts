/**
 * The cookie that tells a page whether it is worth asking for a token, so that visitors who are not signed in make no
 * request. Scripts can read it. It holds no secret: only when the session began.
 */
import type { AuthRoutesSettings } from "./AuthRoutesOptions.js"
import { cookieNameOf, readCookies, writeCookie } from "./cookies.js"
import type { SessionId } from "./SessionId.js"

export class HintCookie {
  readonly #settings: AuthRoutesSettings
  readonly #name: string

  constructor(settings: AuthRoutesSettings) {
    this.#settings = settings
    // The page looks for this ending, since it does not know the option `cookieName`.
    this.#name = cookieNameOf(settings, "signed-in")
  }

  /** Lasts as long as the session's own. Another session has another value, by which a page sees that it has to ask again. */
  write(id: SessionId): string {
    const { lifetime } = this.#settings
    return writeCookie(this.#settings, this.#name, hintOf(id), lifetime, { isReadable: true })
  }

  /** The cookie for a browser that has lost it, or whose session began before there was one. */
  repair(cookieHeader: string | null, id: SessionId): readonly string[] {
    return readCookies(cookieHeader).get(this.#name) === hintOf(id) ? [] : [this.write(id)]
  }

  remove(): string {
    return writeCookie(this.#settings, this.#name, "", 0, { isReadable: true })
  }
}

const hintOf = ({ createdAt }: SessionId): string => createdAt.toString(36)
