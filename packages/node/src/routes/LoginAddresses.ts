/** Logins that were started at another address than the configured one. Their callbacks have no cookie; this explains why. */
import { hash } from "./hash.js"

/** How many logins are kept. They only improve an error message, so older ones can be dropped. */
const most = 1000

export class LoginAddresses {
  /** The origin at which a login was started, by the hash of its state; the oldest first. */
  readonly #origins = new Map<string, string>()

  add(state: string, origin: string): void {
    this.#origins.set(hash(state), origin)
    const [oldest] = this.#origins.keys()
    if (this.#origins.size > most && oldest !== undefined) this.#origins.delete(oldest)
  }

  find(state: string): string | undefined {
    return this.#origins.get(hash(state))
  }
}
