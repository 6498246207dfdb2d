/** The HTTP server that waits on this machine for one login (RFC 8252 §7.3). */
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { ConfigurationError } from "@ellipsis-oauth/core/promise"
import { type LoopbackPage, loopbackPages, pageHeaders, renderPage } from "./loopbackPage.js"

/** How long the browser has to take the page once the login is over, in milliseconds. */
const farewell = 1_000

export class LoopbackListener {
  readonly #server: Server
  readonly #path: string
  readonly #sockets = new Set<Socket>()
  readonly #responses = new Set<Promise<void>>()
  #answer: (callbackUrl: string) => Promise<LoopbackPage> = async () => loopbackPages.notThisLogin

  private constructor(path: string) {
    this.#path = path
    // Loaded when it is needed: to import it costs every program that does not log in 50 ms.
    this.#server = process.getBuiltinModule("node:http").createServer()
    this.#server.on("request", (request, response) => void this.#respond(request, response))
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket)
      socket.on("close", () => this.#sockets.delete(socket))
    })
  }

  /**
   * Listens on 127.0.0.1 alone: what is on no network needs no firewall's consent.
   *
   * @param port 0 for any free one
   * @throws ConfigurationError for a port that is taken, or not for this user
   */
  static async open(port: number, path: string): Promise<LoopbackListener> {
    const listener = new LoopbackListener(path)
    const server = listener.#server
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) => reject(toConfigurationError(port, error)))
      server.listen({ port, host: "127.0.0.1" }, resolve)
    })
    // A connection that cannot be taken must not end the process; the browser tries again.
    server.on("error", () => {})
    return listener
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Called for each request to the path; what it resolves to is shown. */
  answer(answer: (callbackUrl: string) => Promise<LoopbackPage>): void {
    this.#answer = answer
  }

  /** Lets the browsers that wait have their page, and then closes everything. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, farewell)
    })
    await Promise.race([Promise.all(this.#responses), late])
    clearTimeout(timer)
    // Some browsers open connections that they send nothing through.
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const ended = new Promise<void>((resolve) => response.on("close", resolve))
    this.#responses.add(ended)
    void ended.then(() => this.#responses.delete(ended))
    // Whoever goes away before the answer.
    response.on("error", () => {})
    request.resume()
    const page = await this.#pageFor(request)
    const headers = page === loopbackPages.wrongMethod ? { ...pageHeaders(), allow: "GET" } : pageHeaders()
    response.writeHead(page.status, headers).end(request.method === "HEAD" ? undefined : renderPage(page))
  }

  async #pageFor({ method, url = "" }: IncomingMessage): Promise<LoopbackPage> {
    if (url.split("?", 1)[0] !== this.#path) return loopbackPages.notFound
    // A HEAD, of somebody who checks links, must not use up the code.
    return method === "GET" ? this.#answer(url) : loopbackPages.wrongMethod
  }
}

const toConfigurationError = (port: number, error: NodeJS.ErrnoException): ConfigurationError => {
  const [got, expected] =
    error.code === "EADDRINUSE"
      ? [
          `${port}, where another program listens`,
          "a free port: end that program, or register a redirect URI with another port",
        ]
      : error.code === "EACCES"
        ? [`${port}, which is not for this user`, "a port above 1023"]
        : [`${port}, which cannot be listened on (${error.code})`, "a free port of 127.0.0.1"]
  return new ConfigurationError({ option: "port", got, expected })
}
