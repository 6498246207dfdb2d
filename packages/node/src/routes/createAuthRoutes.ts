/**
 * The login of a browser app through its own backend: four routes that keep the client secret and the refresh token
 * here, and give the browser a session cookie that no script can read.
 */
import type { TokenClient, TokenSession } from "@ellipsis-oauth/core"
import { loginFailed, Refusal, toRefusal } from "./AuthProblem.js"
import {
  type AuthRoutesOptions,
  type AuthRoutesSettings,
  resolveAuthRoutesOptions,
} from "./AuthRoutesOptions.js"
import { cookieNameOf, readCookies, writeCookie } from "./cookies.js"
import { hash } from "./hash.js"
import { LoginCookies } from "./LoginCookies.js"
import {
  isForPerson,
  mayActForSession,
  type ReadHeader,
  requireNavigation,
  requireOwnPage,
} from "./requestOrigin.js"
import {
  errorPage,
  pagePolicy,
  respondEmpty,
  respondHtml,
  respondJson,
  respondRedirect,
  respondWith,
} from "./respond.js"
import { readReturnTo } from "./returnTo.js"
import { parseSessionId, type SessionId } from "./SessionId.js"
import { SessionStore } from "./SessionStore.js"

/** What of a request names its session: a `Request`, one of `node:http` or Express, or its headers alone. */
export interface SessionRequest {
  readonly method?: string | undefined
  readonly headers: Pick<Headers, "get"> | Readonly<Record<string, string | readonly string[] | undefined>>
}

export interface AuthRoutes<Session extends TokenSession = TokenSession> {
  /** Answers a request to one of the routes. Never rejects. */
  (request: Request): Promise<Response>
  /**
   * The session of the user who is signed in, for the app's own API routes: `session.getAccessToken()` is the user's
   * token, and `session.key` names this login. `undefined` where nobody is, and for a request that another site made
   * the browser send.
   *
   * @throws TokenStoreError
   */
  readonly session: (request: SessionRequest) => Promise<Session | undefined>
}

/**
 * Routes at the client's redirect URI: for `https://your.app/auth/callback` they are `GET /auth/login` (with
 * `returnTo`), `GET /auth/callback`, `POST /auth/token` and `POST /auth/logout`. Does nothing until it is called.
 *
 * @throws ConfigurationError for a bad option, or a client without such a redirect URI
 */
export const createAuthRoutes = <Session extends TokenSession>(
  client: TokenClient<Session>,
  options: AuthRoutesOptions = {},
): AuthRoutes<Session> => {
  const settings = resolveAuthRoutesOptions(client, options)
  const handler = new Handler(client, settings)
  return Object.assign((request: Request) => handler.handle(request), {
    session: (request: SessionRequest) => handler.session(request),
  })
}

/** What Node.js takes of headers in all, and more than any browser sends to an app that works. */
const longestCookieHeader = 16_384

interface Route {
  readonly method: "GET" | "POST"
  readonly answer: (request: Request) => Promise<Response>
}

class Handler<Session extends TokenSession> {
  readonly #client: TokenClient<Session>
  readonly #settings: AuthRoutesSettings
  readonly #sessions: SessionStore<Session>
  readonly #logins: LoginCookies
  readonly #sessionCookie: string
  readonly #routes: ReadonlyMap<string, Route>

  constructor(client: TokenClient<Session>, settings: AuthRoutesSettings) {
    this.#client = client
    this.#settings = settings
    this.#sessions = new SessionStore(client, settings)
    this.#logins = new LoginCookies(settings)
    this.#sessionCookie = cookieNameOf(settings, "session")
    const { mountPath } = settings
    this.#routes = new Map<string, Route>([
      [`${mountPath}/login`, { method: "GET", answer: (request) => this.#login(request) }],
      [`${mountPath}/callback`, { method: "GET", answer: (request) => this.#callback(request) }],
      [`${mountPath}/token`, { method: "POST", answer: (request) => this.#token(request) }],
      [`${mountPath}/logout`, { method: "POST", answer: (request) => this.#logout(request) }],
    ])
  }

  async handle(request: Request): Promise<Response> {
    try {
      return await this.#dispatch(request)
    } catch (error) {
      const refusal = toRefusal(error)
      const { cause } = refusal.details
      if (cause !== undefined && refusal.error !== "login_required") this.#tell(cause, request)
      return this.#refuse(refusal, request)
    }
  }

  async session({ method, headers }: SessionRequest): Promise<Session | undefined> {
    const header = readHeader(headers)
    if (!mayActForSession(header, this.#settings.origin, method)) return undefined
    return this.#sessions.find(this.#sessionId(header("cookie")))
  }

  async #dispatch(request: Request): Promise<Response> {
    const route = this.#routes.get(new URL(request.url).pathname)
    if (route === undefined) throw new Refusal("not_found", "There is nothing at this address.")
    const { method, answer } = route
    if (request.method !== method) {
      throw new Refusal("method_not_allowed", `This address takes ${method} alone.`, { allow: method })
    }
    if ((request.headers.get("cookie") ?? "").length > longestCookieHeader) {
      throw new Refusal(
        "headers_too_large",
        "The cookies of this site are too large. Delete them, then log in.",
      )
    }
    return answer(request)
  }

  /** Sends the browser to the provider, and gives it the login's cookie. Asks the store nothing. */
  async #login(request: Request): Promise<Response> {
    requireNavigation(headerOf(request))
    const { scope } = this.#settings
    const returnTo = this.#returnTo(request)
    const { url, transaction } = await this.#client.createAuthorizationRequest({
      returnTo,
      ...(scope === undefined ? {} : { scope }),
    })
    return respondRedirect(url, this.#logins.add(readCookies(request.headers.get("cookie")), transaction))
  }

  /** The browser is back: the login is claimed, the code exchanged, and the session gets a new id. */
  async #callback(request: Request): Promise<Response> {
    requireNavigation(headerOf(request))
    const { search, searchParams } = new URL(request.url)
    const cookieHeader = request.headers.get("cookie")
    const states = searchParams.getAll("state")
    const state = states.length === 1 ? (states[0] ?? "") : ""
    const login = this.#logins.find(readCookies(cookieHeader), state)
    if (login === undefined) throw new Refusal("login_failed", loginFailed)
    const { name, transaction } = login
    const ended = this.#logins.remove(name)
    const orEnd = (error: unknown) => Promise.reject(toRefusal(error, [ended]))
    const { returnTo = "/" } = await this.#client.parseAuthorizationResponse(search, transaction).catch(orEnd)
    // A store that cannot be asked has claimed nothing: the cookie stays, and the page may be loaded again.
    if (!(await this.#sessions.claimLogin(state))) return orEnd(new Refusal("login_failed", loginFailed))
    const id = await this.#sessions
      .start((session) => session.completeAuthorization(search, transaction))
      .catch(orEnd)
    await this.#endPrevious(cookieHeader, request)
    const { lifetime, origin } = this.#settings
    const cookie = writeCookie(this.#settings, this.#sessionCookie, id.value, lifetime)
    // The browser kept the transaction, so its target is checked again.
    return respondRedirect(this.#checkReturnTo(returnTo) ?? `${origin}/`, [cookie, ended])
  }

  /** A token for the signed-in browser's own page: refreshed where needed, once for all who ask. */
  async #token(request: Request): Promise<Response> {
    requireOwnPage(headerOf(request), this.#settings.origin)
    const rejected = new URL(request.url).searchParams.get("rejected")
    if (rejected !== null && !/^[\w-]{43}$/.test(rejected)) {
      throw new Refusal("invalid_request", "`rejected` takes the SHA-256 of an access token, in base64url.")
    }
    const id = this.#sessionId(request.headers.get("cookie"))
    const session = await this.#sessions.find(id)
    if (id === undefined || session === undefined) throw new Refusal("login_required", "Log in first.")
    try {
      const given = await session.getAccessToken()
      if (rejected !== null && hash(given) === rejected) {
        session.reportRejected(given)
        return this.#respondToken(session, await session.getAccessToken())
      }
      return this.#respondToken(session, given)
    } catch (error) {
      const refusal = toRefusal(error)
      // Nothing will ever come of this session, and the browser learns it either way.
      if (refusal.error === "login_required") await this.#sessions.end(id).catch(() => {})
      throw refusal
    }
  }

  #respondToken(session: Session, given: string): Response {
    const state = session.getSnapshot()
    if (state.status === "signedOut") throw new Refusal("login_required", "Log in first.")
    // A newer token may have come in between, and this is the one whose expiry the state tells.
    const accessToken = session.peekAccessToken() ?? given
    const { expiresAt, scope } = state.status === "ready" ? state : { expiresAt: 0, scope: [] }
    const now = this.#settings.now()
    const expiry =
      expiresAt === undefined ? {} : { expires_in: Math.max(0, Math.floor((expiresAt - now) / 1000)) }
    return respondJson(200, { access_token: accessToken, ...expiry, scope: scope.join(" ") })
  }

  /** Ends the session in the store first: a browser is told that it is signed out only when it is. */
  async #logout(request: Request): Promise<Response> {
    requireOwnPage(headerOf(request), this.#settings.origin)
    const returnTo = this.#returnTo(request)
    const id = this.#sessionId(request.headers.get("cookie"))
    if (id !== undefined) await this.#sessions.end(id)
    const cookies = [writeCookie(this.#settings, this.#sessionCookie, "", 0)]
    return isForPerson(headerOf(request)) ? respondRedirect(returnTo, cookies) : respondEmpty(cookies)
  }

  /** The session that this browser had before. The login stands even if its end has to wait for its lifetime. */
  async #endPrevious(cookieHeader: string | null, request: Request): Promise<void> {
    const previous = this.#sessionId(cookieHeader)
    if (previous === undefined) return
    try {
      await this.#sessions.end(previous)
    } catch (error) {
      this.#tell(error, request)
    }
  }

  #sessionId(cookieHeader: string | null): SessionId | undefined {
    return parseSessionId(readCookies(cookieHeader).get(this.#sessionCookie))
  }

  #returnTo(request: Request): string {
    const given = new URL(request.url).searchParams.getAll("returnTo")
    const [value = "/"] = given
    const checked = given.length > 1 ? undefined : this.#checkReturnTo(value)
    if (checked === undefined) {
      throw new Refusal("invalid_request", "`returnTo` takes the path of a page of this app.")
    }
    return checked
  }

  #checkReturnTo(value: string): string | undefined {
    const { origin, basePath } = this.#settings
    return readReturnTo(value, origin, basePath)
  }

  async #refuse(refusal: Refusal, request: Request): Promise<Response> {
    const problem = refusal.toProblem(`${this.#settings.basePath}/login`)
    const { status, error, description, action, retryAfter } = problem
    const { cookies = [], allow } = refusal.details
    const special = {
      ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
      ...(allow === undefined ? {} : { allow }),
    }
    if (!isForPerson(headerOf(request))) {
      return respondJson(status, { error, error_description: description, action }, special, cookies)
    }
    try {
      const page = await this.#settings.renderError?.(problem, request)
      if (typeof page === "string") return respondHtml(status, page, special, cookies)
      // By its shape: Hono and others have a Response of their own.
      if (page !== undefined) return respondWith(page, cookies)
    } catch (fault) {
      this.#tell(fault, request)
    }
    return respondHtml(status, errorPage(problem), special, cookies, pagePolicy)
  }

  /** An observer's fault must not cost anybody a reply. */
  #tell(error: unknown, request: Request): void {
    try {
      const told: unknown = this.#settings.onError?.(error, request)
      // An async function's, which would end the process.
      if (told instanceof Promise) told.catch(() => {})
    } catch {}
  }
}

const headerOf =
  (request: Request): ReadHeader =>
  (name) =>
    request.headers.get(name)

const readHeader = (headers: SessionRequest["headers"]): ReadHeader => {
  if (isHeaders(headers)) return (name) => headers.get(name)
  return (name) => {
    const value = headers[name]
    return value === undefined ? null : typeof value === "string" ? value : value.join(", ")
  }
}

const isHeaders = (headers: SessionRequest["headers"]): headers is Pick<Headers, "get"> =>
  typeof headers["get"] === "function"
