/** The client for apps without a backend: PKCE in the browser, for a public client. */
import {
  authorizedFetch,
  defaultKey,
  isSignedIn,
  isTokenError,
  makeTokenClient,
  optionalSignal,
  requireExtra,
  restoring,
  storeKey,
  TransportError,
} from "@ellipsis-oauth/core/promise"
import { quietLogin } from "../client/quietLogin.js"
import type { LoginOptions, LogoutOptions, TokenProviderClient } from "../client/TokenProviderClient.js"
import { baseUrl, isAtOneOf } from "../page/apiOrigins.js"
import { eventListeners } from "../page/eventListeners.js"
import { isOffline } from "../page/isOffline.js"
import { keepTokenFresh } from "../page/keepTokenFresh.js"
import { leaveTo } from "../page/leaveTo.js"
import { logErrorsToFix } from "../page/logErrorsToFix.js"
import { refCounted } from "../page/refCounted.js"
import { requireOwnUrl } from "../page/requireOwnUrl.js"
import { signOutNote } from "../page/signOutNote.js"
import { type TabChannel, tabChannel } from "../page/tabChannel.js"
import type { StorageKind } from "../page/webStorage.js"
import { appRouter } from "./appRouter.js"
import {
  type BrowserTokenClientOptions,
  checkBrowserTokenClientOptions,
} from "./BrowserTokenClientOptions.js"
import { fetchTransport } from "./fetchTransport.js"
import { loginTransactions } from "./loginTransactions.js"
import { type PopupMessage, popupLogin } from "./popupLogin.js"
import { redirectLogin } from "./redirectLogin.js"
import { shownState } from "./shownState.js"
import { webTokenStore } from "./webTokenStore.js"

/** A token client that runs in the page: PKCE, and one refresh for all tabs that share a storage. */
export interface BrowserTokenClient extends TokenProviderClient {
  /** Where tokens are kept. `memory` if the browser refused the storage of the option. */
  getStorage(): StorageKind
}

/** Milliseconds between two requests of a tab to other tabs for a token. */
const wantedPause = 5_000

/** A message between the tabs of one origin. It says what happened, never what to do. */
type TabMessage =
  | PopupMessage
  /** The user signed out. */
  | { readonly type: "signedOut" }
  /** A store was written: that of all tabs, or one that other frames and clients of its tab use too. */
  | { readonly type: "written" }
  /** A token is about to expire in a tab without its refresh token. A tab that has it in memory refreshes the token. */
  | { readonly type: "wanted" }

/**
 * Makes a client for `TokenProvider`, or for use without React. Checks its options and reads the page's URL; everything
 * else begins with `mount` or the first call, so that it may stand in a module that a server loads too.
 *
 * @throws ConfigurationError for a bad option, at once
 */
export const createBrowserTokenClient = (options: BrowserTokenClientOptions): BrowserTokenClient => {
  const settings = checkBrowserTokenClientOptions(options)
  const { clientId, redirectUri, server, timeout, deadline, apiOrigins, popup, now } = settings
  const isShared = settings.storage === "local"
  /** The name of the client's storage, locks and messages. Each client of an origin has its own. */
  const name = storeKey({ clientId, tokenEndpoint: server.tokenEndpoint }, defaultKey)

  let { storage } = settings
  const store = webTokenStore({
    storage,
    persistRefreshToken: settings.persistRefreshToken,
    onFallback: () => {
      if (storage === "memory") return
      storage = "memory"
      console.warn(`The browser's storage is blocked or full, so a reload signs ${clientId} out.`)
    },
    onStored: () => channel.post({ type: "written" }),
  })
  const events = eventListeners(settings.onEvent)
  const client = makeTokenClient(
    { clientId, redirectUri, server, timeout, deadline, onEvent: events.emit },
    { transport: fetchTransport(settings.fetch), crypto: globalThis.crypto, store, now },
  )
  const session = client.session()
  const shown = shownState(session)
  const logErrors = logErrorsToFix(shown)
  const transactions = loginTransactions(name, now)
  const signOuts = signOutNote(`${name}#`, shown)
  let logouts = 0
  const complete = (callbackUrl: string, transaction: string) =>
    shown.during(async () => {
      const before = logouts
      await session.completeAuthorization(callbackUrl, transaction)
      // The user logged out during the exchange.
      if (logouts > before) return session.signOut()
      transactions.forgetLast()
      signOuts.forget()
    })
  /** A tab with a store of its own may have been at another site when the user signed out in another tab. */
  const forgetIfSignedOut = () => {
    if (!isShared && signOuts.isNoted()) store.forget(name)
  }
  /** A store that fails is read again when the token is needed. */
  const reload = () => session.reload().catch(() => {})
  const channel: TabChannel<TabMessage> = tabChannel({
    name,
    onMessage: (message) => {
      if ("state" in message) return popups.listen(message)
      if (message.type === "wanted") {
        // The state shows a failure.
        if (isSignedIn(session.getSnapshot())) void session.getAccessToken().catch(() => {})
        return
      }
      if (message.type === "written") return void reload()
      if (message.type !== "signedOut") return
      // If each tab has its own store, the other tab has not removed this tab's record.
      store.forget(name)
      // The session may already be signed out for another reason. The user's own logout is the reason to show.
      void reload().then(() => shown.explain({ reason: "elsewhere" }))
    },
    onStored: () => void reload(),
  })
  let askedAt = Number.NEGATIVE_INFINITY
  const askOtherTabs = () => {
    if (Math.abs(now() - askedAt) < wantedPause) return
    askedAt = now()
    channel.post({ type: "wanted" })
  }
  const common = { name, transactions, complete }
  const popups = popupLogin({ ...common, popup, channel })
  const router = appRouter(settings)
  const redirects = redirectLogin({ ...common, redirectUri, session, shown, popups, router })

  const login = async (request: LoginOptions = {}): Promise<void> => {
    const { method = "redirect", returnTo, scope = settings.scope, extra, signal } = request
    optionalSignal(signal)
    signal?.throwIfAborted()
    const target = requireOwnUrl("returnTo", returnTo ?? redirects.defaultReturnTo())
    requireOwnUrl("redirectUri", redirectUri)
    requireExtra(extra)
    const authorize = () => client.createAuthorizationRequest({ scope, extra })
    const run = async () => {
      if (isOffline()) throw new TransportError({ reason: "offline", sent: "no" })
      if (method === "popup") return popups.login(authorize, signal)
      const authorization = await authorize()
      signal?.throwIfAborted()
      redirects.leave(authorization, target, giveUp)
    }
    // First of all, so that the browser still accepts the click as the reason for the popup.
    const running = run()
    const giveUp = session.beginLogin(method)
    try {
      await running
    } catch (error) {
      giveUp(isTokenError(error) ? error : undefined)
      throw error
    }
  }

  const start = refCounted(() => {
    const { check, stop } = keepTokenFresh({
      session,
      now,
      reload: isShared ? reload : async () => {},
      onRestored: () => {
        forgetIfSignedOut()
        // Another page of this tab may have signed in since.
        void reload().then(redirects.end)
      },
      onNotRenewed: isShared && !settings.persistRefreshToken ? askOtherTabs : undefined,
    })
    const ends = [channel.open(), signOuts.open(), logErrors(), stop]
    forgetIfSignedOut()
    // Another tab may have signed in or out while this client was not mounted.
    if (session.getSnapshot().status !== "restoring") void reload()
    void redirects.begin().then(check)
    return () => {
      for (const end of ends) end()
    }
  })

  const getAccessToken: BrowserTokenClient["getAccessToken"] = async (request) => {
    await shown.idle(request?.signal)
    return session.getAccessToken(request)
  }
  const authorizes = isAtOneOf(apiOrigins)

  return {
    getSnapshot: shown.getSnapshot,
    getServerSnapshot: () => restoring,
    subscribe: shown.subscribe,
    mount: (options) => {
      const ends = [router.use(options), start()]
      return () => {
        for (const end of ends) end()
      }
    },
    login: (options) => quietLogin(login(options)),
    logout: async ({ returnTo }: LogoutOptions = {}) => {
      const leave = leaveTo(returnTo)
      logouts++
      popups.cancel()
      signOuts.note()
      store.removeAtOnce(name)
      // The page may be left before the store has had its turn.
      channel.post({ type: "signedOut" })
      await session.signOut()
      leave()
    },
    handleCallback: redirects.handleCallback,
    getAccessToken,
    peekAccessToken: () => session.peekAccessToken(),
    fetch: authorizedFetch<typeof fetch>({
      session: { getAccessToken, reportRejected: (accessToken) => session.reportRejected(accessToken) },
      authorizes,
      fetch: settings.fetch,
      baseUrl,
      withoutAnotherToken: "return401",
    }),
    authorizes,
    subscribeEvents: events.subscribe,
    hasLoggedOut: signOuts.isNoted,
    getStorage: () => storage,
  }
}
