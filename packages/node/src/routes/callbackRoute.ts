/** `GET /callback`: the browser is back. The login is claimed, the code exchanged, and the session gets a new id. */
import { loginFailed, Refusal, toRefusal } from "./AuthProblem.js"
import { readCookies } from "./cookies.js"
import type { Route, RouteContext } from "./Route.js"
import { requireNavigation } from "./requestOrigin.js"
import { respondRedirect } from "./respond.js"
import { readReturnTo } from "./returnTo.js"
import { headersOf } from "./SessionRequest.js"

export const callbackRoute = (context: RouteContext): Route => {
  const { client, settings, sessions, sessionCookie, loginCookies, tell } = context

  /** The login stands even if the end of the session before it has to wait for its lifetime. */
  const endPrevious = async (request: Request): Promise<void> => {
    const previous = sessionCookie.read(request.headers.get("cookie"))
    try {
      if (previous !== undefined) await sessions.end(previous)
    } catch (error) {
      tell(error, request)
    }
  }

  return {
    method: "GET",
    answer: async (request) => {
      requireNavigation(headersOf(request))
      const { search, searchParams } = new URL(request.url)
      const state = searchParams.get("state") ?? ""
      const login = loginCookies.find(readCookies(request.headers.get("cookie")), state)
      if (login === undefined) throw new Refusal("login_failed", loginFailed)
      const { name, transaction } = login
      const ended = loginCookies.remove(name)
      const orEnd = (error: unknown) => Promise.reject(toRefusal(error, [ended]))

      const { returnTo = "/" } = await client.parseAuthorizationResponse(search, transaction).catch(orEnd)
      // A store that cannot be asked has claimed nothing: the cookie stays, and the page may be loaded again.
      if (!(await sessions.claimLogin(state))) return orEnd(new Refusal("login_failed", loginFailed))
      const id = await sessions
        .start((session) => session.completeAuthorization(search, transaction))
        .catch(orEnd)
      await endPrevious(request)
      // The browser kept the transaction, so its target is checked again.
      const target = readReturnTo(returnTo, settings) ?? `${settings.origin}/`
      return respondRedirect(target, [sessionCookie.write(id), ended])
    },
  }
}
