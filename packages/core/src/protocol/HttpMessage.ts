/** The HTTP request and response as plain data. The adapters send them: ky in Node, `fetch` in browsers. */
import { Concealed, concealed } from "../common/Concealed.js"

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
    return { ...this.shown(), headers: concealed, body: concealed }
  }
}

/**
 * An HTTP response, as a transport returns it: status, headers with names in lower case, and the body as text.
 */
export interface HttpResponse {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Whether the body is longer than the transport reads, so that `body` is only its beginning. */
  readonly isTooLong?: boolean | undefined
}
