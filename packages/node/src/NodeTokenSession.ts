/** The session for Node.js: core's, and a way to call the API with it. */
import { TokenSession } from "@ellipsis-oauth/core"
import type { KyInstance } from "ky"
import { type SessionKyOptions, sessionKy } from "./ky/sessionKy.js"

export class NodeTokenSession extends TokenSession {
  readonly #apiBaseUrl: string | undefined

  constructor(...[key, shared]: ConstructorParameters<typeof TokenSession>) {
    super(key, shared)
    this.#apiBaseUrl = apiBaseUrlOf(shared.endpoint.server)
  }

  /**
   * A ky instance that calls the API with this session's access token. After a 401 it sends the request once more with
   * a fresh token. The token goes to the origin of `prefix` (the API of the client's server, if left out) and to
   * `origins`, and nowhere else, redirects included; a request with an `Authorization` header of its own gets none.
   *
   * Its calls reject with ky's errors, which do not hold the token, and with those of `getAccessToken`.
   *
   * @throws ConfigurationError
   */
  ky(options?: SessionKyOptions): KyInstance {
    return sessionKy(this, this.#apiBaseUrl, options)
  }
}

/** Where the token endpoint lies as the provider has it, the rest of the API lies beside it. */
const apiBaseUrlOf = ({ tokenEndpoint }: { readonly tokenEndpoint: string }): string | undefined =>
  /^(.+\/)oauth\/token$/.exec(tokenEndpoint)?.[1]
