/** `POST /token`: an access token for a page of a signed-in user. If needed it is refreshed, once for all requests. */
import { isTokenError, type PromiseTokenSession as TokenSession } from "@ellipsis-oauth/core/promise"
import { loginRequired, Refusal, toRefusal } from "./AuthProblem.js"
import { hash } from "./hash.js"
import type { Route, RouteContext } from "./Route.js"
import { requireOwnPage } from "./requestOrigin.js"
import { respondJson } from "./respond.js"
import { headersOf } from "./SessionRequest.js"

export const tokenRoute = ({ settings, sessions, sessionCookie, hintCookie }: RouteContext): Route => ({
  method: "POST",
  respond: async (request) => {
    requireOwnPage(headersOf(request), settings)
    const rejected = readRejected(request)
    const cookies = request.headers.get("cookie")
    const id = sessionCookie.read(cookies)
    const session = await sessions.find(id)
    if (id === undefined || session === undefined) throw refuse()
    try {
      const accessToken = await getAccessToken(session, rejected)
      return respondToken(session, accessToken, settings.now(), hintCookie.repair(cookies, id))
    } catch (error) {
      const refusal = toRefusal(error)
      // The record of another client stays.
      if (refusal.error === "login_required" && !isForeign(error)) await sessions.discard(id)
      throw refusal
    }
  },
})

const refuse = () => new Refusal("login_required", loginRequired)

const isForeign = (error: unknown): boolean =>
  isTokenError(error) && error._tag === "TokenStoreError" && error.reason === "foreign"

/** The SHA-256 of the access token that an API refused. Unlike the token, the hash may be in a log. */
const readRejected = (request: Request): string | undefined => {
  const rejected = new URL(request.url).searchParams.get("rejected") ?? undefined
  if (rejected === undefined || /^[\w-]{43}$/.test(rejected)) return rejected
  throw new Refusal("invalid_request", '"rejected" must be the SHA-256 of an access token, in base64url.')
}

const getAccessToken = async (session: TokenSession, rejected: string | undefined): Promise<string> => {
  const accessToken = await session.getAccessToken()
  if (rejected === undefined || hash(accessToken) !== rejected) return accessToken
  session.reportRejected(accessToken)
  return session.getAccessToken()
}

/**
 * @param now milliseconds since the epoch
 * @param cookies to set
 */
const respondToken = (
  session: TokenSession,
  given: string,
  now: number,
  cookies: readonly string[],
): Response => {
  const state = session.getSnapshot()
  if (state.status === "signedOut") throw refuse()
  // The state has the expiry of the newest token, so the newest token must be returned.
  const accessToken = session.peekAccessToken() ?? given
  const { expiresAt, scope } = state.status === "ready" ? state : { expiresAt: now, scope: [] }
  const expiry =
    expiresAt === undefined ? {} : { expires_in: Math.max(0, Math.floor((expiresAt - now) / 1000)) }
  const body = { access_token: accessToken, ...expiry, scope: scope.join(" ") }
  return respondJson(200, body, {}, cookies)
}
