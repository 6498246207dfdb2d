/** An HTTP server that keeps its requests, and responds as a test says. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { onTestFinished } from "vitest"

export interface Asked {
  readonly method: string
  readonly path: string
  /** The access token, where there was one. */
  readonly token: string | undefined
  readonly headers: IncomingMessage["headers"]
  readonly body: string
}

export interface Answer {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly body?: string
}

export type Respond = (asked: Asked, response: ServerResponse) => Answer | undefined

export class Api {
  readonly asked: Asked[] = []
  readonly #server: Server
  #respond: Respond

  private constructor(respond: Respond) {
    this.#respond = respond
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  /** Closed after the test. `undefined` leaves the response to the test. */
  static async listen(respond: Respond = () => ({ body: "{}" })): Promise<Api> {
    const api = new Api(respond)
    await new Promise<void>((resolve) => api.#server.listen(0, "127.0.0.1", resolve))
    onTestFinished(async () => {
      api.#server.closeAllConnections()
      await new Promise((resolve) => api.#server.close(resolve))
    })
    return api
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The same server by another name, which is another origin. */
  get otherOrigin(): string {
    return this.origin.replace("127.0.0.1", "localhost")
  }

  get tokens(): readonly (string | undefined)[] {
    return this.asked.map(({ token }) => token)
  }

  respond(respond: Respond): void {
    this.#respond = respond
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const asked: Asked = {
      method: request.method ?? "",
      path: request.url ?? "",
      token: /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1],
      headers: request.headers,
      body: Buffer.concat(chunks).toString("latin1"),
    }
    this.asked.push(asked)
    const answer = this.#respond(asked, response)
    if (answer === undefined) return
    const { status = 200, headers = {}, body = "" } = answer
    response.writeHead(status, headers).end(body)
  }
}
