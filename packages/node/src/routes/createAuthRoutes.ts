/**
 * The login of a browser app through its own backend: four routes that keep the client secret and the refresh token
 * here, and give the browser a session cookie that no script can read.
 */
import {
  callQuietly,
  isTokenError,
  type PromiseTokenClient as TokenClient,
  type PromiseTokenSession as TokenSession,
} from "@ellipsis-oauth/core/promise"
import { Refusal, toRefusal } from "./AuthProblem.js"
import { type AuthRoutesOptions, checkAuthRoutesOptions } from "./AuthRoutesOptions.js"
import { callbackRoute } from "./callbackRoute.js"
import { HintCookie } from "./HintCookie.js"
import { LoginAddresses } from "./LoginAddresses.js"
import { LoginCookies } from "./LoginCookies.js"
import { loginRoute } from "./loginRoute.js"
import { logoutRoute } from "./logoutRoute.js"
import type { Route, RouteContext } from "./Route.js"
import { mayActForSession } from "./requestOrigin.js"
import { respondProblem } from "./respondProblem.js"
import { SessionCookie } from "./SessionCookie.js"
import { headersOf, type SessionRequest } from "./SessionRequest.js"
import { SessionStore } from "./SessionStore.js"
import { tokenRoute } from "./tokenRoute.js"

/** The routes of a login, as a function from a `Request` to its `Response`, and the session of a request. */
export interface AuthRoutes<Session extends TokenSession = TokenSession> {
  /** The HTTP response to a request for one of the routes. Never rejects. */
  (request: Request): Promise<Response>
  /**
   * The session of the user who is signed in, for the app's own API routes: `session.getAccessToken()` returns the user's
   * token, and `session.key` is unique for this login. `undefined` if no user is signed in, also after the provider has
   * ended the login; for a request that another site made the browser send; and for a request that may change something
   * and has no header that shows its origin.
   *
   * @throws TokenStoreError if the store cannot be read: `retry` while it is down, `fix` for a wrong encryption key
   */
  readonly session: (request: SessionRequest) => Promise<Session | undefined>
}

/**
 * Makes routes at the client's redirect URI: for `https://your.app/auth/callback` they are `GET /auth/login` (with
 * `returnTo`), `GET /auth/callback`, `POST /auth/token` and `POST /auth/logout`.
 *
 * @throws ConfigurationError for a bad option, or a client without such a redirect URI
 */
export const createAuthRoutes = <Session extends TokenSession>(
  client: TokenClient<Session>,
  options: AuthRoutesOptions = {},
): AuthRoutes<Session> => {
  const settings = checkAuthRoutesOptions(client, options)
  const { origin, mountPath, onError } = settings
  const sessions = new SessionStore(client, settings)
  const sessionCookie = new SessionCookie(settings)

  /** Calls `onError`. Its own failure must not change the HTTP response, or end the process. */
  const tell = (error: unknown, request: { readonly url?: string | undefined }): void =>
    callQuietly(() => onError(error, pathOf(request.url ?? "")))

  const context: RouteContext = {
    client,
    settings,
    sessions,
    sessionCookie,
    hintCookie: new HintCookie(settings),
    loginCookies: new LoginCookies(settings),
    loginAddresses: new LoginAddresses(),
    tell,
  }
  const routes = new Map<string, Route>([
    [`${mountPath}/login`, loginRoute(context)],
    [`${mountPath}/callback`, callbackRoute(context)],
    [`${mountPath}/token`, tokenRoute(context)],
    [`${mountPath}/logout`, logoutRoute(context)],
  ])

  const respond = async (request: Request): Promise<Response> => {
    try {
      return await dispatch(routes, request)
    } catch (error) {
      const refusal = toRefusal(error)
      const { cause } = refusal.details
      if (cause !== undefined && !isLoginRequired(cause)) tell(cause, request)
      return respondProblem(refusal, request, settings, tell)
    }
  }
  const session = async (request: SessionRequest): Promise<Session | undefined> => {
    const header = headersOf(request)
    if (!mayActForSession(header, origin, request.method)) return undefined
    try {
      return await sessions.find(sessionCookie.read(header("cookie")))
    } catch (error) {
      if (toRefusal(error).error !== "login_required") throw error
      tell(error, request)
      return undefined
    }
  }
  return Object.assign(respond, { session })
}

/** Only the path, because the query may contain a code. */
const pathOf = (url: string): string =>
  URL.canParse(url, "http://localhost") ? new URL(url, "http://localhost").pathname : "/"

const isLoginRequired = (error: unknown): boolean => isTokenError(error) && error._tag === "LoginRequired"

/** In characters: the limit of Node.js for all headers together. */
const longestCookieHeader = 16_384

const dispatch = async (routes: ReadonlyMap<string, Route>, request: Request): Promise<Response> => {
  const route = routes.get(new URL(request.url).pathname)
  if (route === undefined) throw new Refusal("not_found", "There is no page at this address.")
  const { method, respond } = route
  if (request.method !== method) {
    throw new Refusal("method_not_allowed", `This address accepts ${method} only.`, { allow: method })
  }
  if ((request.headers.get("cookie") ?? "").length > longestCookieHeader) {
    const description = "The cookies of this site are too large. Delete them, then log in again."
    throw new Refusal("headers_too_large", description)
  }
  return respond(request)
}
