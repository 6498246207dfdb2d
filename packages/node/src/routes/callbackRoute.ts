/** `GET /callback`: the browser comes back. Claims the login, exchanges the code, and starts a session with a new id. */
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

  /** Ends the browser's earlier session. If that fails, the new login is still valid, and the old session expires. */
  const endPrevious = async (request: Request): Promise<void> => {
    const previous = sessionCookie.read(request.headers.get("cookie"))
    try {
      if (previous !== undefined) await sessions.end(previous)
    } catch (error) {
      tell(error, request)
    }
  }

  /** Checks the target again, because it was kept in the browser, perhaps under an earlier configuration. */
  const goTo = (returnTo: string, cookies: readonly string[]): Response =>
    respondRedirect(readReturnTo(returnTo, settings) ?? `${settings.origin}/`, cookies)

  /** After the back button or a reload: if this callback started the browser's session, goes to the same page again. */
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

  /** Explains why the browser has no login for a callback. */
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
      // If the store fails here, the login is not claimed and its cookie stays, so the user can reload the page.
      const giveBack = await sessions.claimLogin(state)
      if (giveBack === undefined) {
        return (await repeat(request, state)) ?? orEnd(new Refusal("login_failed", loginFailed))
      }
      const id = await sessions
        .start({ state, returnTo }, (session) => session.completeAuthorization(search, transaction))
        .catch(async (error) => {
          // The provider refused the code. After any other failure the code exchange may still succeed.
          if (toRefusal(error).error === "login_failed") await giveBack()
          return orEnd(error)
        })
      await endPrevious(request)
      return goTo(returnTo, [sessionCookie.write(id), hintCookie.write(id), ended])
    },
  }
}

/** The characters of a code (RFC 6749 appendix A.11). Other values are not sent to the provider. */
const isCode = /^[\x20-\x7e]{1,2048}$/
