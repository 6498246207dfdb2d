/** Stands between the clients and the provider, breaks some refreshes, and keeps a record of all of them. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { monotonic } from "./monotonic.ts"
import type { Random } from "./random.ts"

/**
 * What is done to a refresh. `unavailable` and `dropped`: the provider does not see it. `slowRequest` and
 * `slowResponse`: longer than the callers wait, and shorter than the request lives. The others take the response away
 * after the provider has replaced the refresh token.
 */
export type Fault =
  | "unavailable"
  | "dropped"
  | "slowRequest"
  | "slowResponse"
  | "lostResponse"
  | "cutResponse"
  | "gatewayError"
  | "lateResponse"

/** Which part of the refreshes meets each fault. */
const shares: Readonly<Record<Fault, number>> = {
  unavailable: 0.03,
  dropped: 0.02,
  slowRequest: 0.01,
  slowResponse: 0.015,
  lostResponse: 0.005,
  cutResponse: 0.005,
  gatewayError: 0.003,
  lateResponse: 0.004,
}

const losesToken: ReadonlySet<Fault> = new Set([
  "lostResponse",
  "cutResponse",
  "gatewayError",
  "lateResponse",
])

/** Whether a fault takes away the only copy of a new refresh token. */
export const isLosing = (fault: Fault | undefined): boolean => fault !== undefined && losesToken.has(fault)

/** One login, and every refresh that descends from it. */
export interface Login {
  /** Known when the login is complete. */
  user: string | undefined
  readonly exchanges: Exchange[]
}

/** One refresh, as the proxy saw it. Times are milliseconds of the monotonic clock. */
export interface Exchange {
  /** The refresh token that was sent. */
  readonly presented: string
  /** The process that sent it. */
  readonly worker: string
  readonly startedAt: number
  readonly fault: Fault | undefined
  /** Infinity while the client's connection waits for the response. */
  endedAt: number
  /** The client closed the connection before it had the whole response. */
  abandoned: boolean
  /** The provider's own status; `undefined` where it saw nothing. */
  status: number | undefined
  /** The provider refused the refresh token. */
  refused: boolean
  /** The refresh token that the provider gave. */
  issued: string | undefined
}

export interface FaultyProxyOptions {
  readonly upstream: string
  /** The client's, in milliseconds. */
  readonly timeout: number
  /** The client's, in milliseconds. */
  readonly deadline: number
  readonly random: Random
}

export class FaultyProxy {
  readonly #options: FaultyProxyOptions
  readonly #server = createServer((request, response) => void this.#handle(request, response))
  readonly #loginOf = new Map<string, Login>()
  /** How often faults are injected: 0 for never, 1 for the usual shares. */
  faultRate = 0
  /** How often the provider replaced a refresh token. */
  refreshes = 0
  readonly logins: Login[] = []

  constructor(options: FaultyProxyOptions) {
    this.#options = options
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  /** Names the user of a login. */
  register(refreshToken: string, user: string): Login {
    const login = this.#loginOf.get(refreshToken)
    if (login === undefined) throw new Error("the provider did not issue this refresh token")
    login.user = user
    return login
  }

  #draw(): Fault | undefined {
    if (this.faultRate === 0) return undefined
    let drawn = this.#options.random()
    for (const [fault, share] of Object.entries(shares)) {
      drawn -= share * this.faultRate
      if (drawn < 0) return fault as Fault
    }
    return undefined
  }

  /** Longer than callers wait, if that can be, and shorter than a request lives. */
  #slow(): number {
    const { timeout, deadline, random } = this.#options
    const least = Math.min(deadline, timeout / 2)
    return least + (0.2 + 0.6 * random()) * (timeout - least)
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const startedAt = monotonic()
    request.on("error", () => {})
    response.on("error", () => {})
    const chunks: Buffer[] = []
    try {
      for await (const chunk of request) chunks.push(chunk)
    } catch {
      return
    }
    const body = Buffer.concat(chunks).toString()
    const parameters = new URLSearchParams(body)
    const presented = parameters.get("refresh_token") ?? undefined
    const login = presented === undefined ? undefined : this.#loginOf.get(presented)
    const fault = login === undefined ? undefined : this.#draw()
    const exchange: Exchange = {
      presented: presented ?? "",
      worker: String(request.headers["user-agent"]),
      startedAt,
      fault,
      endedAt: Number.POSITIVE_INFINITY,
      abandoned: false,
      status: undefined,
      refused: false,
      issued: undefined,
    }
    login?.exchanges.push(exchange)
    response.on("close", () => {
      exchange.endedAt = monotonic()
      exchange.abandoned = !response.writableFinished
    })
    if (fault === "dropped") return void request.socket.destroy()
    if (fault === "unavailable") return void response.writeHead(503).end("Service Unavailable")
    if (fault === "slowRequest") await pause(this.#slow())
    // A connection that the client has closed takes its request with it.
    if (exchange.abandoned) return

    const upstream = await fetch(new URL(request.url ?? "/", this.#options.upstream), {
      method: request.method ?? "POST",
      headers: {
        "content-type": String(request.headers["content-type"]),
        authorization: String(request.headers.authorization),
      },
      body,
    })
    const text = await upstream.text()
    exchange.status = upstream.status
    exchange.refused = upstream.status === 400 && text.includes('"invalid_grant"')
    exchange.issued = upstream.status === 200 ? JSON.parse(text).refresh_token : undefined
    if (exchange.issued !== undefined) {
      const owner = login ?? { user: undefined, exchanges: [] }
      if (login === undefined) this.logins.push(owner)
      else this.refreshes++
      this.#loginOf.set(exchange.issued, owner)
    }

    const length = Buffer.byteLength(text)
    const send = (part: string) =>
      response
        .writeHead(upstream.status, { "content-type": "application/json", "content-length": length })
        .write(part)
    switch (fault) {
      case "lostResponse":
        return void request.socket.destroy()
      case "gatewayError":
        return void response.writeHead(502, { "content-type": "text/html" }).end("<h1>Bad Gateway</h1>")
      case "cutResponse":
        send(text.slice(0, length / 2))
        setTimeout(() => request.socket.destroy(), 5)
        return
      case "lateResponse":
        // An expired timer of the client waits for another second.
        await pause(this.#options.timeout + 2500)
        break
      case "slowResponse":
        await pause(this.#slow())
        break
      default:
    }
    send(text)
    response.end()
  }
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))
