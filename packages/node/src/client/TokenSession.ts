/** The session for Node.js, with ways to call the API. */
import { PromiseTokenSession, type SessionParts } from "@ellipsis-oauth/core/promise"
import type { KyInstance } from "ky"
import { type ApiFetch, apiFetch, isStream } from "../api/apiFetch.js"
import { loadKy } from "../api/loadKy.js"
import { type ApiSettings, type SessionKyOptions, sessionKy } from "../api/sessionKy.js"

export interface TokenSessionSettings extends ApiSettings {
  readonly fetch: ApiFetch
}

/** One user's token: it is stored, refreshed, and added to API calls. */
export class TokenSession extends PromiseTokenSession {
  readonly #settings: TokenSessionSettings

  constructor(parts: SessionParts, settings: TokenSessionSettings) {
    super(parts)
    this.#settings = settings
  }

  /**
   * `fetch` with this session's access token. Only the client's `apiOrigins` get the token, also after a redirect. A
   * request that has an `Authorization` header stays unchanged. The input is read at the call. After a 401 the request is
   * sent once more with a fresh token, unless its body is a stream, which can be read only once. You can pass this
   * function to other libraries, such as `openapi-fetch`.
   *
   * Rejects with what `fetch` rejects with, and with the errors of `getAccessToken`.
   */
  get fetch(): ApiFetch {
    // Not kept, to save memory: a process may have many idle sessions.
    return (input, init) => this.#authorized(input, init)
  }

  async #authorized(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const { apiOrigins, fetch } = this.#settings
    const request = new Request(input, init)
    const authorized = apiFetch({
      session: this,
      origins: new Set(apiOrigins),
      isReadOnce: isStream(init?.body),
      fetch,
    })
    return authorized(request, withoutRequest(init))
  }

  /**
   * A ky instance that calls the API with this session's access token, as `fetch` does. The token goes to the origin of
   * `prefix` (the API of the client's server, if left out), to the client's `apiOrigins` and to `origins`.
   *
   * Its calls reject with ky's errors, which do not hold the token, and with those of `getAccessToken`.
   *
   * @throws ConfigurationError
   */
  ky(options?: SessionKyOptions): KyInstance {
    return sessionKy(loadKy(), this, this.#settings, options)
  }
}

/** The options that are not a part of a `Request`, such as undici's `dispatcher`. */
const withoutRequest = (init: RequestInit | undefined): RequestInit => {
  const { method: _, headers: __, body: ___, signal: ____, ...rest } = init ?? {}
  return rest
}
