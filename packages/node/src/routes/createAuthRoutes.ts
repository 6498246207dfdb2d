/**
 * The login of a browser app through its own backend: four routes that keep the client secret and the refresh token
 * here, and give the browser a session cookie that no script can read.
 */
import type { TokenClient, TokenSession } from "@ellipsis-oauth/core"
import { Refusal, toRefusal } from "./AuthProblem.js"
import { type AuthRoutesOptions, resolveAuthRoutesOptions } from "./AuthRoutesOptions.js"
import { callbackRoute } from "./callbackRoute.js"
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

export interface AuthRoutes<Session extends TokenSession = TokenSession> {
  /** Answers a request to one of the routes. Never rejects. */
  (request: Request): Promise<Response>
  /**
   * The session of the user who is signed in, for the app's own API routes: `session.getAccessToken()` is the user's
   * token, and `session.key` names this login. `undefined` where nobody is, for a request that another site made the
   * browser send, and for one that may change something and does not tell where it comes from.
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
  const { origin, mountPath, onError } = settings
  const sessions = new SessionStore(client, settings)
  const sessionCookie = new SessionCookie(settings)

  /** An observer's fault must not cost anybody a reply. */
  const tell = (error: unknown, request: Request): void => {
    try {
      const told: unknown = onError?.(error, new URL(request.url).pathname)
      // An async function's, which would end the process.
      if (told instanceof Promise) told.catch(() => {})
    } catch {}
  }

  const context: RouteContext = {
    client,
    settings,
    sessions,
    sessionCookie,
    loginCookies: new LoginCookies(settings),
    tell,
  }
  const routes = new Map<string, Route>([
    [`${mountPath}/login`, loginRoute(context)],
    [`${mountPath}/callback`, callbackRoute(context)],
    [`${mountPath}/token`, tokenRoute(context)],
    [`${mountPath}/logout`, logoutRoute(context)],
  ])

  const answer = async (request: Request): Promise<Response> => {
    try {
      return await dispatch(routes, request)
    } catch (error) {
      const refusal = toRefusal(error)
      const { cause } = refusal.details
      if (cause !== undefined && refusal.error !== "login_required") tell(cause, request)
      return respondProblem(refusal, request, settings, tell)
    }
  }
  const session = async (request: SessionRequest): Promise<Session | undefined> => {
    const header = headersOf(request)
    return mayActForSession(header, origin, request.method)
      ? sessions.find(sessionCookie.read(header("cookie")))
      : undefined
  }
  return Object.assign(answer, { session })
}

/** In characters: what Node.js takes of headers in all, and more than any browser sends to an app that works. */
const longestCookieHeader = 16_384

const dispatch = async (routes: ReadonlyMap<string, Route>, request: Request): Promise<Response> => {
  const route = routes.get(new URL(request.url).pathname)
  if (route === undefined) throw new Refusal("not_found", "There is nothing at this address.")
  const { method, answer } = route
  if (request.method !== method) {
    throw new Refusal("method_not_allowed", `This address takes ${method} alone.`, { allow: method })
  }
  if ((request.headers.get("cookie") ?? "").length > longestCookieHeader) {
    const description = "The cookies of this site are too large. Delete them, then log in."
    throw new Refusal("headers_too_large", description)
  }
  return answer(request)
}
