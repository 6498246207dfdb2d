/** `GET /callback`: the browser is back. The login is claimed, the code exchanged, and the session gets a new id. */
import { loginFailed, Refusal, toRefusal } from "./AuthProblem.js"
import { elsewhereError, openedElsewhere } from "./appAddress.js"
import { readCookies } from "./cookies.js"
import type { Route, RouteContext } from "./Route.js"
import { requireNavigation } from "./requestOrigin.js"
import { respondRedirect } from "./respond.js"
import { readReturnTo } from "./returnTo.js"
import { headersOf } from "./SessionRequest.js"

export const callbackRoute = (context: RouteContext): Route => {
  const { client, settings, sessions, sessionCookie, hintCookie, loginCookies, loginAddresses, tell } =
    context

  /** The login stands even if the end of the session before it has to wait for its lifetime. */
  const endPrevious = async (request: Request): Promise<void> => {
    const previous = sessionCookie.read(request.headers.get("cookie"))
    try {
      if (previous !== undefined) await sessions.end(previous)
    } catch (error) {
      tell(error, request)
    }
  }

  /** The browser, or an earlier configuration, kept the target, so that it is checked again. */
  const goTo = (returnTo: string, cookies: readonly string[]): Response =>
    respondRedirect(readReturnTo(returnTo, settings) ?? `${settings.origin}/`, cookies)

  /** The back button, or a reload: the browser has the session that this callback started, and goes where it led. */
  const repeat = async (request: Request, state: string): Promise<Response | undefined> => {
    const id = sessionCookie.read(request.headers.get("cookie"))
    try {
      const returnTo = await sessions.findReturnTo(id, state)
      return returnTo === undefined ? undefined : goTo(returnTo, [])
    } catch (error) {
      if (toRefusal(error).error !== "login_required") throw error
      tell(error, request)
      return undefined
    }
  }

  /** Why a callback has no login in this browser. */
  const refuseUnknown = (state: string): Refusal => {
    const other = loginAddresses.find(state)
    return other === undefined
      ? new Refusal("login_failed", loginFailed)
      : new Refusal("login_failed", openedElsewhere(settings), { cause: elsewhereError(settings, other) })
  }

  return {
    method: "GET",
    respond: async (request) => {
      requireNavigation(headersOf(request))
      const { search, searchParams } = new URL(request.url)
      const state = searchParams.get("state") ?? ""
      const login = loginCookies.find(readCookies(request.headers.get("cookie")), state)
      if (login === undefined) {
        const repeated = await repeat(request, state)
        if (repeated === undefined) throw refuseUnknown(state)
        return repeated
      }
      const { name, transaction } = login
      const ended = loginCookies.remove(name)
      const orEnd = (error: unknown) => Promise.reject(toRefusal(error, [ended]))

      const { code, returnTo = "/" } = await client
        .parseAuthorizationResponse(search, transaction)
        .catch(orEnd)
      if (!isCode.test(code)) return orEnd(new Refusal("login_failed", loginFailed))
      // A store that cannot be asked has claimed nothing: the cookie stays, and the page may be loaded again.
      const giveBack = await sessions.claimLogin(state)
      if (giveBack === undefined) {
        return (await repeat(request, state)) ?? orEnd(new Refusal("login_failed", loginFailed))
      }
      const id = await sessions
        .start({ state, returnTo }, (session) => session.completeAuthorization(search, transaction))
        .catch(async (error) => {
          // The provider refused the code for good. After any other failure the code may still be on its way.
          if (toRefusal(error).error === "login_failed") await giveBack()
          return orEnd(error)
        })
      await endPrevious(request)
      return goTo(returnTo, [sessionCookie.write(id), hintCookie.write(id), ended])
    },
  }
}

/** The characters of a code (RFC 6749 appendix A.11). What cannot be one is not sent to the provider. */
const isCode = /^[\x20-\x7e]{1,2048}$/
