/** The HTTP server that waits on this machine for one login (RFC 8252 §7.3). */
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { ConfigurationError } from "@ellipsis-oauth/core/promise"
import { type LoopbackPage, loopbackPages, pageHeaders, renderPage } from "./loopbackPage.js"

/** How long to wait for the browser to receive the page after the login, in milliseconds. */
const closeTimeout = 1_000

/** How many times a free port is searched for. */
const maxAttempts = 10

export type LoopbackHost = "127.0.0.1" | "localhost"

export class LoopbackListener {
  readonly #path: string
  readonly #servers: Server[] = []
  readonly #sockets = new Set<Socket>()
  readonly #responses = new Set<Promise<void>>()
  #handleCallback: (callbackUrl: string) => Promise<LoopbackPage> = async () => loopbackPages.notThisLogin

  private constructor(path: string) {
    this.#path = path
  }

  /**
   * Listens only on loopback addresses, so no firewall asks the user. For `localhost` it also listens on `::1`, which
   * browsers try first; otherwise another program there could get the code.
   *
   * @param port 0: any free port
   * @throws ConfigurationError for a port that is taken, or that this user may not use
   */
  static async open(host: LoopbackHost, port: number, path: string): Promise<LoopbackListener> {
    for (let attempt = 1; ; attempt++) {
      const listener = new LoopbackListener(path)
      try {
        await listener.#listen("127.0.0.1", port)
        if (host === "localhost") await listener.#listen("::1", listener.port)
        return listener
      } catch (error) {
        await listener.close()
        // A port that is free on one address may be taken on the other.
        if (port === 0 && codeOf(error) === "EADDRINUSE" && attempt < maxAttempts) continue
        throw toConfigurationError(port, error)
      }
    }
  }

  async #listen(address: "127.0.0.1" | "::1", port: number): Promise<void> {
    // Loaded when it is needed, because the import takes 50 ms that most programs do not need to spend.
    const server = process.getBuiltinModule("node:http").createServer()
    server.on("request", (request, response) => void this.#respond(request, response))
    server.on("connection", (socket) => {
      this.#sockets.add(socket)
      socket.on("close", () => this.#sockets.delete(socket))
    })
    try {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject)
        server.listen({ port, host: address }, resolve)
      })
    } catch (error) {
      // A machine without IPv6: then nothing else listens there either.
      if (address === "::1" && /^(EADDRNOTAVAIL|EAFNOSUPPORT)$/.test(codeOf(error))) return
      throw new ListenError(address, error)
    }
    // A connection that fails must not end the process; the browser tries again.
    server.on("error", () => {})
    this.#servers.push(server)
  }

  get port(): number {
    const address = this.#servers[0]?.address()
    return typeof address === "object" && address !== null ? address.port : 0
  }

  /** Sets the function that is called for each request to the path, and returns the page to show. */
  respondWith(respond: (callbackUrl: string) => Promise<LoopbackPage>): void {
    this.#handleCallback = respond
  }

  /** Sends the pages that browsers wait for, then closes everything. */
  async close(): Promise<void> {
    const closed = Promise.all(
      this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    )
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, closeTimeout)
    })
    await Promise.race([Promise.all(this.#responses), late])
    clearTimeout(timer)
    // Some browsers open connections and send nothing.
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const ended = new Promise<void>((resolve) => response.on("close", resolve))
    this.#responses.add(ended)
    void ended.then(() => this.#responses.delete(ended))
    // The browser may close the connection before its response.
    response.on("error", () => {})
    request.resume()
    const page = await this.#pageFor(request)
    const headers = page === loopbackPages.wrongMethod ? { ...pageHeaders(), allow: "GET" } : pageHeaders()
    response.writeHead(page.status, headers).end(request.method === "HEAD" ? undefined : renderPage(page))
  }

  async #pageFor({ method, url = "" }: IncomingMessage): Promise<LoopbackPage> {
    if (url.split("?", 1)[0] !== this.#path) return loopbackPages.notFound
    // A HEAD, as a link checker sends it, must not use up the code.
    return method === "GET" ? this.#handleCallback(url) : loopbackPages.wrongMethod
  }
}

class ListenError extends Error {
  readonly address: string
  readonly code: string

  constructor(address: string, cause: unknown) {
    super("cannot listen")
    this.address = address
    this.code = codeOf(cause)
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "unknown failure"

const toConfigurationError = (port: number, error: unknown): ConfigurationError => {
  const address = error instanceof ListenError && error.address === "::1" ? " on [::1]" : ""
  const code = codeOf(error)
  const [got, expected] =
    code === "EADDRINUSE"
      ? [
          `${port}, where another program listens${address}`,
          "a free port: end that program, or register a redirect URI with another port",
        ]
      : code === "EACCES"
        ? [`${port}, which is not for this user`, "a port above 1023"]
        : [`${port}, which cannot be listened on (${code})`, "a free port of 127.0.0.1"]
  return new ConfigurationError({ option: "port", got, expected })
}
