/** The client for apps without a backend: PKCE in the browser, and a registration without a secret. */
import {
  authorizedFetch,
  defaultKey,
  makeTokenClient,
  restoring,
  storeKey,
  TransportError,
} from "@ellipsis-oauth/core/promise"
import {
  type CallbackResult,
  type LoginOptions,
  type TokenProviderClient,
  unhandled,
} from "../client/TokenProviderClient.js"
import { baseUrl, isAtOneOf } from "../page/apiOrigins.js"
import { eventListeners } from "../page/eventListeners.js"
import { keepTokenFresh } from "../page/keepTokenFresh.js"
import { refCounted } from "../page/refCounted.js"
import { requireOwnUrl } from "../page/requireOwnUrl.js"
import { type TabChannel, tabChannel } from "../page/tabChannel.js"
import type { StorageKind } from "../page/webStorage.js"
import {
  type BrowserTokenClientOptions,
  checkBrowserTokenClientOptions,
} from "./BrowserTokenClientOptions.js"
import { type CallbackUrl, isOwnState, readCallbackUrl } from "./CallbackUrl.js"
import { fetchTransport, isOffline } from "./fetchTransport.js"
import { loginTransactions } from "./loginTransactions.js"
import { type PopupMessage, popupLogin, stateOf } from "./popupLogin.js"
import { shownState } from "./shownState.js"
import { webTokenStore } from "./webTokenStore.js"

/** A token client that runs in the page: PKCE, and one refresh for all tabs that share a storage. */
export interface BrowserTokenClient extends TokenProviderClient {
  /** Where tokens are kept: `memory` also where the browser refused the storage that was asked for. */
  getStorage(): StorageKind
}

/** What the tabs of one origin tell each other: only what has happened, never what follows from it. */
type TabMessage =
  | PopupMessage
  /** The user signed out. */
  | { readonly type: "signedOut" }
  /** The shared store was written. */
  | { readonly type: "written" }

/**
 * Makes a client for `TokenProvider`, or for use without React. Checks its options and reads the page's URL; everything
 * else begins with `mount` or the first call, so that it may stand in a module that a server loads too.
 *
 * @throws ConfigurationError for a bad option, at once
 */
export const createBrowserTokenClient = (options: BrowserTokenClientOptions): BrowserTokenClient => {
  const settings = checkBrowserTokenClientOptions(options)
  const { clientId, redirectUri, server, timeout, deadline, apiOrigins, popup, now } = settings
  const { navigate = replaceUrl } = settings
  const isShared = settings.storage === "local"
  /** Names what is stored, locked and announced: another client of the same origin has another name. */
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
    onShared: () => channel.post({ type: "written" }),
  })
  const events = eventListeners(settings.onEvent)
  const client = makeTokenClient(
    { clientId, redirectUri, server, timeout, deadline, onEvent: events.emit },
    { transport: fetchTransport(settings.fetch), crypto: globalThis.crypto, store, now },
  )
  const session = client.session()
  const shown = shownState(session)
  const transactions = loginTransactions(name, now)
  const complete = (callbackUrl: string, transaction: string) =>
    shown.during(() => session.completeAuthorization(callbackUrl, transaction))
  const reload = () => session.reload().catch(() => {})
  const channel: TabChannel<TabMessage> = tabChannel({
    name,
    onMessage: (message) => {
      if ("state" in message) return popups.listen(message)
      // Where tabs have stores of their own, the record of this one is what is left.
      if (message.type === "signedOut") store.forget(name)
      void reload()
    },
    onStored: () => void reload(),
  })
  const popups = popupLogin({ name, popup, channel, complete })
  /** A router may leave the redirect URI before the client is mounted. */
  let arrival =
    globalThis.location === undefined ? undefined : readCallbackUrl(globalThis.location.href, redirectUri)
  /** Ends a login by redirect that did not lead away. */
  let giveUpRedirect = () => {}

  const login = async (request: LoginOptions = {}): Promise<void> => {
    const { method = "redirect", returnTo, scope = settings.scope, signal } = request
    signal?.throwIfAborted()
    const target = requireOwnUrl("returnTo", returnTo ?? location.href)
    requireOwnUrl("redirectUri", redirectUri)
    if (isOffline()) throw new TransportError({ reason: "offline", sent: "no" })
    const authorize = () => client.createAuthorizationRequest({ scope })
    if (method === "popup") {
      const signedIn = popups.login(authorize, signal)
      return signedIn.finally(session.beginLogin(method))
    }
    const giveUp = session.beginLogin("redirect")
    try {
      const { url, transaction } = await authorize()
      signal?.throwIfAborted()
      transactions.keep(stateOf(url), transaction, target)
      giveUpRedirect = giveUp
      location.assign(url)
    } catch (error) {
      giveUp()
      throw error
    }
  }

  const finishLogin = async ({ href, state }: CallbackUrl, isKnown: boolean): Promise<CallbackResult> => {
    const login = await transactions.take(state)
    if (login !== undefined) {
      // A login that is in the store already outlives a callback that is refused.
      await session.restore().catch(() => {})
      await complete(href, login.transaction)
      queueMicrotask(() => navigate(login.returnTo))
      return { handled: true, returnTo: login.returnTo }
    }
    if (!isKnown && (await popups.deliverCallback(state, href))) {
      window.close()
      return { handled: true }
    }
    // It was dealt with before. A user who is not signed in is told, by the error that no transaction gives.
    if ((await session.restore()).status === "signedOut") await complete(href, "").catch(() => {})
    return unhandled
  }

  const handle = async (callback: CallbackUrl | undefined): Promise<CallbackResult> => {
    if (callback === undefined) return unhandled
    const isKnown = transactions.has(callback.state)
    // Perhaps it is another library's or another client's, whose callback has the same address.
    if (!isKnown && (!isOwnState(callback.state) || transactions.isOfAnother(callback.state)))
      return unhandled
    if (callback.href === location.href) history.replaceState(history.state, "", callback.cleaned)
    return shown.during(() => finishLogin(callback, isKnown))
  }

  const begin = async () => {
    const callback = readCallbackUrl(location.href, redirectUri) ?? arrival
    arrival = undefined
    try {
      await shown.during(async () => {
        await handle(callback)
        await session.restore()
      })
    } catch {
      // The state tells.
    }
  }

  const mount = refCounted(() => {
    const close = channel.open()
    const { check, stop } = keepTokenFresh({
      session,
      now,
      reload: isShared ? reload : async () => {},
      onRestored: () => giveUpRedirect(),
    })
    void begin().then(check)
    return () => {
      stop()
      close()
    }
  })

  const getAccessToken: BrowserTokenClient["getAccessToken"] = async (request) => {
    await shown.idle(request?.signal)
    return session.getAccessToken(request)
  }
  const reportRejected = (accessToken: string) => session.reportRejected(accessToken)
  const authorizes = isAtOneOf(apiOrigins)

  return {
    getSnapshot: shown.getSnapshot,
    getServerSnapshot: () => restoring,
    subscribe: shown.subscribe,
    mount,
    login,
    logout: async () => {
      try {
        await session.signOut()
      } finally {
        channel.post({ type: "signedOut" })
      }
    },
    handleCallback: (href) => handle(readCallbackUrl(href ?? location.href, redirectUri)),
    getAccessToken,
    peekAccessToken: () => session.peekAccessToken(),
    fetch: authorizedFetch<typeof fetch>({
      session: { getAccessToken, reportRejected },
      authorizes,
      fetch: settings.fetch,
      baseUrl,
      withoutAnotherToken: "return401",
    }),
    authorizes,
    subscribeEvents: events.subscribe,
    getStorage: () => storage,
  }
}

/** A full load would lose a token that is in memory, so the page's router is told as if the user had gone back. */
const replaceUrl = (url: string): void => {
  history.replaceState(null, "", url)
  dispatchEvent(new PopStateEvent("popstate", { state: null }))
}
