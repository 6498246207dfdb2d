/**
 * The client for apps whose backend has the routes of `createAuthRoutes`: the backend keeps the client secret and the
 * refresh token, and the page keeps an access token only in memory.
 */
import {
  authorizedFetch,
  ConfigurationError,
  describe,
  isTokenError,
  LoginAbandoned,
  optionalSignal,
  requireExtra,
  restoring,
  TransportError,
} from "@ellipsis-oauth/core/promise"
import { quietLogin } from "../client/quietLogin.js"
import {
  type LoginOptions,
  type LogoutOptions,
  type TokenProviderClient,
  unhandled,
} from "../client/TokenProviderClient.js"
import { baseUrl, isAtOneOf } from "../page/apiOrigins.js"
import { eventListeners } from "../page/eventListeners.js"
import { isOffline } from "../page/isOffline.js"
import { keepTokenFresh } from "../page/keepTokenFresh.js"
import { leaveFor } from "../page/leaveFor.js"
import { leaveTo } from "../page/leaveTo.js"
import { logErrorsToFix } from "../page/logErrorsToFix.js"
import { refCounted } from "../page/refCounted.js"
import { requireOwnUrl } from "../page/requireOwnUrl.js"
import { signOutNote } from "../page/signOutNote.js"
import { tabChannel } from "../page/tabChannel.js"
import { BackendSession } from "./BackendSession.js"
import {
  type BackendTokenClientOptions,
  checkBackendTokenClientOptions,
} from "./BackendTokenClientOptions.js"
import { loginNote } from "./LoginNote.js"
import { requestBackendLogout } from "./requestBackend.js"
import { signedInHint } from "./SignedInHint.js"

/** A message between tabs: the user signed out, or signed in. */
interface TabMessage {
  readonly type: "signedOut" | "signedIn"
}

/** The longest pause between two attempts to find out whether a user is signed in, in milliseconds. */
const longestPause = 60_000

/** The same if the backend or a proxy asks for a longer pause. A timer that is too long would fire at once. */
const longestAskedPause = 3_600_000

/**
 * Makes a client for the same hooks, over a backend. It does nothing until it is mounted or called.
 *
 * @throws ConfigurationError for a bad option, at once
 */
export const createBackendTokenClient = (options: BackendTokenClientOptions): TokenProviderClient => {
  const settings = checkBackendTokenClientOptions(options)
  const { basePath, apiOrigins } = settings
  const name = `ellipsis-oauth ${basePath}`
  const events = eventListeners(settings.onEvent)
  const note = loginNote(name)
  const hint = signedInHint(`${name} signed-out`)
  const isSignedOut = () => signOuts.isNoted()
  const session = new BackendSession(settings, { note, hint, isSignedOut }, events.emit)
  const signOuts = signOutNote(name, session)
  const shown = {
    getSnapshot: () => session.getSnapshot(),
    subscribe: (listener: () => void) => session.subscribe(listener),
  }
  const logErrors = logErrorsToFix(shown)
  const channel = tabChannel<TabMessage>({
    name,
    onMessage: ({ type }) => {
      if (type === "signedOut") session.signOut("elsewhere")
      if (type === "signedIn") void session.reload().catch(ignore)
    },
  })
  let isMounted = false
  let retry: ReturnType<typeof setTimeout> | undefined
  let endLogin = () => {}

  /** Repeats the request until it is known whether a user is signed in. */
  const restore = async (failures = 0): Promise<void> => {
    clearTimeout(retry)
    const { status } = session.getSnapshot()
    // A login of which no tab sent a message, such as a login by a link.
    if (status === "signedOut" && hint.read() !== "" && !hint.isSignedOut()) {
      await session.reload().catch(ignore)
    }
    if (status !== "restoring") return
    if (hint.isSignedOut() && !note.hasLeft()) return session.restoreSignedOut()
    try {
      await session.load()
      signOuts.forget()
      // Other tabs do not know of this login yet.
      if (note.takeLogin()) channel.post({ type: "signedIn" })
    } catch (error) {
      clearTimeout(retry)
      const asked = isTokenError(error) && error._tag === "TokenEndpointUnavailable" ? error.retryAfter : 0
      const backoff = Math.min(1_000 * 2 ** failures, longestPause)
      const pause = Math.min(Math.max(asked ?? 0, backoff), longestAskedPause)
      if (isMounted) retry = setTimeout(() => restore(failures + 1), pause)
    }
  }

  const mount = refCounted(() => {
    isMounted = true
    const ends = [channel.open(), signOuts.open(), logErrors()]
    const { check, stop } = keepTokenFresh({
      session,
      now: settings.now,
      reload: restore,
      onRestored: () => {
        endLogin()
        // The browser restored the page as it was before a login or a sign-out in this tab.
        void session.reload().catch(ignore)
      },
    })
    void restore().then(check)
    return () => {
      isMounted = false
      clearTimeout(retry)
      stop()
      for (const end of ends) end()
    }
  })

  const login = async ({ method, returnTo, scope, extra, signal }: LoginOptions = {}): Promise<void> => {
    if (method !== undefined && method !== "redirect") {
      const expected = '"redirect", since a login over a backend has no popup (createBrowserTokenClient has)'
      throw new ConfigurationError({ option: "method", got: JSON.stringify(method), expected })
    }
    if (scope !== undefined) {
      const expected = "left out: set the scope in the backend, as an option of createAuthRoutes"
      throw new ConfigurationError({ option: "scope", got: JSON.stringify(scope), expected })
    }
    const target = returnTo === undefined ? currentPage() : requireTarget(returnTo)
    const query = new URLSearchParams({ returnTo: target })
    for (const [name, value] of Object.entries(requireExtra(extra))) query.set(`extra.${name}`, value)
    optionalSignal(signal)
    signal?.throwIfAborted()
    const end = session.beginLogin()
    endLogin = end
    // The browser would show a page of its own instead of the app.
    if (isOffline()) {
      const error = new TransportError({ reason: "offline", sent: "no" })
      end(error)
      throw error
    }
    note.loginBegins()
    leaveFor(`${location.origin}${basePath}/login?${query}`, () => {
      end(new LoginAbandoned({}))
      if (isMounted) void restore()
    })
  }

  const logout = async ({ returnTo }: LogoutOptions = {}): Promise<void> => {
    const leave = leaveTo(returnTo)
    // The backend's session must end first. Otherwise a reload would sign the user in again.
    const before = hint.read()
    signOuts.note()
    try {
      await requestBackendLogout(settings)
    } catch (error) {
      signOuts.forget()
      throw error
    }
    if (before !== "" && hint.read() === "") hint.noteSignedOut("")
    session.signOut("logout")
    channel.post({ type: "signedOut" })
    leave()
  }

  const authorizes = isAtOneOf(apiOrigins)

  return {
    ...shown,
    getServerSnapshot: () => restoring,
    mount,
    login: (options) => quietLogin(login(options)),
    logout,
    // The backend finished the login before the user came to this page.
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
    hasLoggedOut: isSignedOut,
  }
}

/** Ignores a failure, because the state and the events already show it. */
const ignore = () => {}

/** The longest target that the routes accept, in characters. */
const longestReturnTo = 1024

const requireTarget = (returnTo: string): string => {
  const target = requireOwnUrl("returnTo", returnTo)
  if (target.length <= longestReturnTo) return target
  const expected = `a URL of at most ${longestReturnTo} characters`
  throw new ConfigurationError({ option: "returnTo", got: describe(target), expected })
}

/** The current URL, or without its query if that is too long. */
const currentPage = (): string => {
  const { href, origin, pathname } = location
  return href.length > longestReturnTo ? origin + pathname : href
}
