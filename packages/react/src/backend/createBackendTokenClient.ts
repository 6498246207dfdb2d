/**
 * The client for apps whose backend has the routes of `createAuthRoutes`: the backend keeps the client secret and the
 * refresh token, and this page an access token, in memory alone.
 */
import {
  authorizedFetch,
  ConfigurationError,
  isTokenError,
  LoginAbandoned,
  restoring,
} from "@ellipsis-oauth/core/promise"
import { type LoginOptions, type TokenProviderClient, unhandled } from "../client/TokenProviderClient.js"
import { baseUrl, isAtOneOf } from "../page/apiOrigins.js"
import { eventListeners } from "../page/eventListeners.js"
import { keepTokenFresh } from "../page/keepTokenFresh.js"
import { leaveFor } from "../page/leaveFor.js"
import { refCounted } from "../page/refCounted.js"
import { requireOwnUrl } from "../page/requireOwnUrl.js"
import { tabChannel } from "../page/tabChannel.js"
import { BackendSession } from "./BackendSession.js"
import {
  type BackendTokenClientOptions,
  checkBackendTokenClientOptions,
} from "./BackendTokenClientOptions.js"
import { loginNote } from "./LoginNote.js"
import { requestBackendLogout } from "./requestBackend.js"

/** What tabs tell each other: the user signed out, or signed in. */
interface TabMessage {
  readonly type: "signedOut" | "signedIn"
}

/** The longest pause between two attempts to learn at all whether a user is signed in, in milliseconds. */
const longestPause = 60_000

/**
 * The same hooks over a backend. Does nothing until it is mounted or called.
 *
 * @throws ConfigurationError for a bad option, at once
 */
export const createBackendTokenClient = (options: BackendTokenClientOptions): TokenProviderClient => {
  const settings = checkBackendTokenClientOptions(options)
  const { basePath, apiOrigins } = settings
  const name = `ellipsis-oauth ${basePath}`
  const events = eventListeners(settings.onEvent)
  const note = loginNote(name)
  const session = new BackendSession(settings, note, events.emit)
  const channel = tabChannel<TabMessage>({
    name,
    onMessage: ({ type }) => {
      if (type === "signedOut") session.signOut("elsewhere")
      else void session.reload().catch(ignore)
    },
  })
  let isMounted = false
  let retry: ReturnType<typeof setTimeout> | undefined
  let endLogin = () => {}

  /** Until it is known whether a user is signed in, the backend is asked again and again. */
  const restore = async (failures = 0): Promise<void> => {
    clearTimeout(retry)
    if (session.getSnapshot().status !== "restoring") return
    try {
      await session.load()
      note.forgetSignOut()
      // Other tabs do not know of it.
      if (note.takeLogin()) channel.post({ type: "signedIn" })
    } catch (error) {
      clearTimeout(retry)
      const asked = isTokenError(error) && error._tag === "TokenEndpointUnavailable" ? error.retryAfter : 0
      const pause = Math.max(asked ?? 0, Math.min(1_000 * 2 ** failures, longestPause))
      if (isMounted) retry = setTimeout(() => restore(failures + 1), pause)
    }
  }

  const mount = refCounted(() => {
    isMounted = true
    const close = channel.open()
    const { check, stop } = keepTokenFresh({
      session,
      now: settings.now,
      reload: restore,
      onRestored: () => {
        endLogin()
        // The page is as it was before a login or a sign-out in this tab.
        void session.reload().catch(ignore)
      },
    })
    void restore().then(check)
    return () => {
      isMounted = false
      clearTimeout(retry)
      stop()
      close()
    }
  })

  const login = async ({ method, returnTo, scope, signal }: LoginOptions = {}): Promise<void> => {
    if (method !== undefined && method !== "redirect") {
      const expected = '"redirect": the backend is a page on the way. createBrowserTokenClient has popups'
      throw new ConfigurationError({ option: "method", got: JSON.stringify(method), expected })
    }
    if (scope !== undefined) {
      const expected = "nothing: the backend asks for the scope of its createAuthRoutes"
      throw new ConfigurationError({ option: "scope", got: JSON.stringify(scope), expected })
    }
    const target =
      returnTo === undefined ? currentPage() : requireOwnUrl("returnTo", returnTo, longestReturnTo)
    signal?.throwIfAborted()
    const end = session.beginLogin()
    endLogin = end
    note.loginBegins()
    leaveFor(`${location.origin}${basePath}/login?${new URLSearchParams({ returnTo: target })}`, () =>
      end(new LoginAbandoned({})),
    )
  }

  const logout = async (): Promise<void> => {
    // First there: as long as the backend has the session, a reload would bring the user back.
    note.signOutBegins()
    try {
      await requestBackendLogout(settings)
    } catch (error) {
      note.forgetSignOut()
      throw error
    }
    session.signOut("logout")
    channel.post({ type: "signedOut" })
  }

  const authorizes = isAtOneOf(apiOrigins)

  return {
    getSnapshot: () => session.getSnapshot(),
    getServerSnapshot: () => restoring,
    subscribe: (listener) => session.subscribe(listener),
    mount,
    login,
    logout,
    // The backend has finished it, before the user came to this page.
    handleCallback: async () => unhandled,
    getAccessToken: (call) => session.getAccessToken(call),
    peekAccessToken: () => session.peekAccessToken(),
    fetch: authorizedFetch<typeof fetch>({
      session,
      authorizes,
      fetch: settings.fetch,
      baseUrl,
      withoutAnotherToken: "return401",
    }),
    authorizes,
    subscribeEvents: events.subscribe,
    hasLoggedOut: note.isSignedOut,
  }
}

/** The state and the events tell of it. */
const ignore = () => {}

/** The routes take targets of at most this many characters. */
const longestReturnTo = 1024

/** Where the user is, or the page without its query where that is too long. */
const currentPage = (): string => {
  const { href, origin, pathname } = location
  return href.length > longestReturnTo ? origin + pathname : href
}
