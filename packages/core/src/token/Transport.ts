/** Sends one plain request and returns one plain reply. The adapters bring it: ky in Node, `fetch` in browsers. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import { Concealed, concealed } from "../common/Concealed.js"
import type { TransportError } from "../errors.js"

/** A request to the token endpoint. Prints without its headers and body. */
export class HttpRequest extends Concealed {
  readonly method = "POST"
  readonly url: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #body: string

  constructor(url: string, headers: Readonly<Record<string, string>>, body: string) {
    super()
    this.url = url
    this.#headers = headers
    this.#body = body
  }

  /** Names in lower case. */
  get headers(): Readonly<Record<string, string>> {
    return this.#headers
  }

  get body(): string {
    return this.#body
  }

  toJSON() {
    return { method: this.method, url: this.url, headers: concealed, body: concealed }
  }
}

export interface HttpResponse {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * A transport must not follow redirects (it returns them as replies with their status), must not retry, and must
 * stop when its effect is interrupted. Its error tells whether the server can have seen the request.
 */
export class Transport extends Context.Service<
  Transport,
  { readonly send: (request: HttpRequest) => Effect.Effect<HttpResponse, TransportError> }
>()("@ellipsis-oauth/core/Transport") {}
