/** A provider on loopback whose token endpoint does what a row of the matrix asks for, and remembers every request. */
import { randomBytes } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

export interface TokenRequest {
  readonly form: URLSearchParams
  readonly authorization: string | undefined
  /** Milliseconds. */
  readonly at: number
}

/** What is sent in place of a token response. */
export interface Scripted {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON. With a function, the body is made of the request. */
  readonly body?: string | object | ((request: TokenRequest) => string | object)
  /** `drop` closes the connection without a response, `cut` in the middle of it, `hang` never responds. */
  readonly wire?: "drop" | "cut" | "hang"
  /** Milliseconds before the response. */
  readonly delay?: number
  /** These members are put into, or with `undefined` left out of, an ordinary token response. */
  readonly token?: Readonly<Record<string, unknown>>
  /** The refresh token that was sent stays good. */
  readonly keepsRefreshToken?: boolean
}

export interface TokenEndpointOptions {
  /** Of an access token, in seconds. */
  readonly lifetime?: number
  /** Allows pages of every origin. */
  readonly cors?: boolean
}

const json = { "content-type": "application/json" }

export class TokenEndpoint {
  readonly #options: TokenEndpointOptions
  readonly #server = createServer((request, response) => void this.#handle(request, response))
  readonly #next: Scripted[] = []
  /** Every token that was issued, in this order. */
  readonly accessTokens: string[] = []
  /** Each is good for one refresh. */
  readonly refreshTokens: string[] = []
  readonly #spent = new Set<string>()
  readonly #issued = new Set<string>()
  readonly requests: TokenRequest[] = []
  /** Given to users who came to `/authorize`. */
  readonly codes: string[] = []
  #scope = ""
  #nonce: string | undefined
  /** What becomes of a `state` on its way. */
  stateSent: (state: string) => string = (state) => state
  readonly verifiers: string[] = []
  /** The credentials of calls to `/api`. */
  readonly apiCalls: (string | undefined)[] = []
  /** Whether `/api` takes an access token. */
  acceptsToken: (accessToken: string) => boolean = () => true
  /** What every request meets while it is set. */
  always: Scripted | undefined
  origin = ""
  /** How far its clock is ahead, in milliseconds. */
  ahead = 0
  /** Refresh tokens that were used before, or that nobody has issued. */
  refusals = 0
  /** Requests whose response is not complete. */
  open = 0

  constructor(options: TokenEndpointOptions = {}) {
    this.#options = options
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve))
    this.origin = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    return this
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  /** What the next requests meet, one after the other. */
  next(...scripted: readonly Scripted[]): void {
    this.#next.push(...scripted)
  }

  #cors(): Record<string, string> {
    if (this.#options.cors !== true) return {}
    return {
      "access-control-allow-origin": "*",
      "access-control-allow-headers": "*, authorization, content-type, auth0-client",
      "access-control-expose-headers": "*, www-authenticate, retry-after",
    }
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.open++
    response.on("error", () => {}).on("close", () => this.open--)
    const chunks: Buffer[] = []
    try {
      for await (const chunk of request) chunks.push(chunk)
    } catch {
      return
    }
    if (request.method === "OPTIONS") return void response.writeHead(204, this.#cors()).end()
    if (request.url?.startsWith("/api")) return this.#api(request, response)
    if (request.url?.startsWith("/authorize")) return this.#authorize(request.url, response)
    if (!request.url?.includes("/token")) {
      return void response.writeHead(404, { ...this.#cors(), ...json }).end("{}")
    }
    const received: TokenRequest = {
      form: new URLSearchParams(Buffer.concat(chunks).toString()),
      authorization: request.headers.authorization,
      at: performance.now(),
    }
    this.requests.push(received)
    this.verifiers.push(...received.form.getAll("code_verifier"))
    const scripted = this.#next.shift() ?? this.always ?? {}
    const { body, delay, headers, status = 200, token, wire } = scripted
    if (wire === "hang") return
    if (wire === "drop") return void request.socket.destroy()
    const ordinary = body === undefined && status === 200 ? this.#issue(received, scripted) : undefined
    if (delay !== undefined) await new Promise((resolve) => setTimeout(resolve, delay))
    if (ordinary !== undefined) {
      const refused = "error" in ordinary
      const text = JSON.stringify(refused ? ordinary : { ...ordinary, ...token })
      response.writeHead(refused ? 400 : 200, {
        ...this.#cors(),
        ...(headers ?? json),
        "content-length": Buffer.byteLength(text),
      })
      if (wire !== "cut") return void response.end(text)
      response.write(text.slice(0, text.length / 2))
      return void setTimeout(() => request.socket.destroy(), 5)
    }
    const made = typeof body === "function" ? body(received) : (body ?? "")
    const kind = typeof made === "string" ? {} : json
    response.writeHead(status, { ...this.#cors(), ...kind, ...headers })
    response.end(typeof made === "string" ? made : JSON.stringify(made))
  }

  #issue(request: TokenRequest, { keepsRefreshToken }: Scripted): Record<string, unknown> {
    const presented = request.form.get("refresh_token")
    if (presented !== null) {
      if (this.#spent.has(presented) || !this.#issued.has(presented)) {
        this.refusals++
        return { error: "invalid_grant", error_description: "unknown or used" }
      }
      if (keepsRefreshToken !== true) this.#spent.add(presented)
    }
    const access_token = `access-${this.accessTokens.length + 1}-${randomBytes(12).toString("hex")}`
    const refresh_token = `refresh-${this.refreshTokens.length + 1}-${randomBytes(12).toString("hex")}`
    this.accessTokens.push(access_token)
    this.refreshTokens.push(refresh_token)
    this.#issued.add(refresh_token)
    const { lifetime = 3600 } = this.#options
    const idToken = this.#scope.includes("openid") ? { id_token: this.#idToken(lifetime) } : {}
    return { access_token, refresh_token, token_type: "Bearer", expires_in: lifetime, ...idToken }
  }

  /** The user approves at once. */
  #authorize(url: string, response: ServerResponse): void {
    const asked = new URL(url, this.origin).searchParams
    this.#scope = asked.get("scope") ?? ""
    this.#nonce = asked.get("nonce") ?? undefined
    this.codes.push(`code-${randomBytes(12).toString("hex")}`)
    const callback = new URL(asked.get("redirect_uri") ?? "")
    callback.searchParams.set("code", this.codes.at(-1) ?? "")
    callback.searchParams.set("state", this.stateSent(asked.get("state") ?? ""))
    response.writeHead(302, { location: callback.href }).end()
  }

  /** For the libraries that need one. Nobody here checks the signature. */
  #idToken(lifetime: number): string {
    const now = Math.floor((Date.now() + this.ahead) / 1000)
    const claims = {
      iss: `${this.origin}/`,
      aud: "spa",
      sub: "ada",
      iat: now,
      exp: now + lifetime,
      nonce: this.#nonce,
    }
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url")
    return `${encode({ alg: "RS256", typ: "JWT" })}.${encode(claims)}.${"A".repeat(342)}`
  }

  #api(request: IncomingMessage, response: ServerResponse): void {
    const { authorization } = request.headers
    this.apiCalls.push(authorization)
    const accepted = this.acceptsToken(authorization?.replace("Bearer ", "") ?? "")
    const challenge: Record<string, string> = accepted ? {} : { "www-authenticate": "Bearer" }
    response.writeHead(accepted ? 200 : 401, { ...this.#cors(), ...json, ...challenge }).end("{}")
  }
}
