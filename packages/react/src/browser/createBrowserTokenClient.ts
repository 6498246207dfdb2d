/** The client for apps without a backend: PKCE in the browser, for a public client. */
import {
  authorizedFetch,
  defaultKey,
  isSignedIn,
  isTokenError,
  LoginAbandoned,
  makeTokenClient,
  requireExtra,
  restoring,
  storeKey,
  TransportError,
} from "@ellipsis-oauth/core/promise"
import { quietLogin } from "../client/quietLogin.js"
import {
  type CallbackResult,
  type LoginOptions,
  type LogoutOptions,
  type MountOptions,
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
import { ownSignOut } from "../page/ownSignOut.js"
import { refCounted } from "../page/refCounted.js"
import { requireOwnUrl } from "../page/requireOwnUrl.js"
import { type TabChannel, tabChannel } from "../page/tabChannel.js"
import type { StorageKind } from "../page/webStorage.js"
import {
  type BrowserTokenClientOptions,
  checkBrowserTokenClientOptions,
} from "./BrowserTokenClientOptions.js"
import {
  type CallbackUrl,
  isAt,
  isOwnState,
  readCallbackUrl,
  withoutResponse,
  withState,
} from "./CallbackUrl.js"
import { fetchTransport } from "./fetchTransport.js"
import { loginTransactions } from "./loginTransactions.js"
import { type PopupMessage, popupLogin, stateOf } from "./popupLogin.js"
import { shownState } from "./shownState.js"
import { webTokenStore } from "./webTokenStore.js"

/** A token client that runs in the page: PKCE, and one refresh for all tabs that share a storage. */
export interface BrowserTokenClient extends TokenProviderClient {
  /** Where tokens are kept. `memory` if the browser refused the storage of the option. */
  getStorage(): StorageKind
}

/** An authorization response for this client. */
interface OwnResponse extends CallbackUrl {
  /** The state in the URL. The other one is that of the only possible login where the URL has none. */
  readonly found: string
  /** Whether a login by redirect was begun with this state. */
  readonly isKnown: boolean
}

/** The names of clients with the states of their responses that this page has handled, for later clients of the page. */
const handledHere = new Set<string>()

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
  const ownSignOuts = ownSignOut(name, session)
  let logouts = 0
  const complete = (callbackUrl: string, transaction: string) =>
    shown.during(async () => {
      const before = logouts
      await session.completeAuthorization(callbackUrl, transaction)
      // The user logged out during the exchange.
      if (logouts > before) await session.signOut()
      else transactions.signedIn()
    })
  const reload = () => session.reload().catch(() => {})
  const channel: TabChannel<TabMessage> = tabChannel({
    name,
    onMessage: (message) => {
      if ("state" in message) return popups.listen(message)
      if (message.type === "wanted") {
        if (isSignedIn(session.getSnapshot())) void session.getAccessToken().catch(() => {})
        return
      }
      // If each tab has its own store, the other tab has not removed this tab's record.
      if (message.type === "signedOut") store.forget(name)
      void reload().then(() => {
        // The session may already be signed out for another reason. The user's own logout is the reason to show.
        if (message.type === "signedOut") shown.explain({ reason: "elsewhere" })
      })
    },
    onStored: () => void reload(),
  })
  let askedAt = Number.NEGATIVE_INFINITY
  const askOtherTabs = () => {
    if (Math.abs(now() - askedAt) < wantedPause) return
    askedAt = now()
    channel.post({ type: "wanted" })
  }
  const popups = popupLogin({ name, popup, channel, complete })
  /** Read early, because a router may leave the redirect URI before the client is mounted, or even made. */
  let arrivals = readArrivals()
  /** The `navigate` functions of the providers that mounted the client, the last one first. */
  let mounts: readonly MountOptions[] = []
  const navigate = (url: string) => {
    const [router = replaceUrl] = [settings, ...mounts].flatMap((options) => options.navigate ?? [])
    router(url)
  }
  /** Nothing has been made of the URL and of what an earlier page left behind. */
  let isNewPage = true
  /** Where the login leads that came back to this page, until it has succeeded. */
  let arrivedFor: string | undefined
  /** Ends a login by redirect if the browser did not leave the page. */
  let giveUpRedirect = (_error?: LoginAbandoned) => {}

  const isRedirectFolder = /\/$/.test(new URL(redirectUri).pathname)

  /** An app may have nothing to show at its redirect URI, unless that is a folder, such as its root. */
  const defaultReturnTo = (): string => {
    const { href } = location
    if (!isAt(href, redirectUri)) return href
    if (arrivedFor !== undefined || !isRedirectFolder) return arrivedFor ?? "/"
    const response = readCallbackUrl(href)
    return response === undefined ? href : withoutResponse(href, response.state)
  }

  const login = async (request: LoginOptions = {}): Promise<void> => {
    const { method = "redirect", returnTo, scope = settings.scope, extra, signal } = request
    signal?.throwIfAborted()
    const target = requireOwnUrl("returnTo", returnTo ?? defaultReturnTo())
    requireOwnUrl("redirectUri", redirectUri)
    requireExtra(extra)
    const authorize = () => client.createAuthorizationRequest({ scope, extra })
    const isReachable = !isOffline()
    // First of all, so that the browser still accepts the click as the reason for the popup.
    const popupLogin = method === "popup" && isReachable ? popups.login(authorize, signal) : undefined
    const giveUp = session.beginLogin(method)
    try {
      if (popupLogin !== undefined) return await popupLogin
      if (!isReachable) throw new TransportError({ reason: "offline", sent: "no" })
      const { url, transaction } = await authorize()
      signal?.throwIfAborted()
      transactions.keep(stateOf(url), transaction, target)
      giveUpRedirect = giveUp
      leaveFor(url, () => giveUp(new LoginAbandoned({})))
    } catch (error) {
      giveUp(isTokenError(error) ? error : undefined)
      throw error
    }
  }

  const goBack = (returnTo: string | undefined) => {
    if (returnTo === undefined) return
    queueMicrotask(() => {
      navigate(returnTo)
      // A user who is at the redirect URI later has gone there.
      if (location.href === returnTo || !isAt(location.href, redirectUri)) arrivedFor = undefined
    })
  }

  const finishLogin = async ({ href, state, isKnown }: OwnResponse): Promise<CallbackResult> => {
    arrivedFor = transactions.returnTo(state) ?? transactions.returnTo(transactions.unfinished() ?? "")
    const login = await transactions.take(state)
    if (login !== undefined) {
      const { returnTo, transaction } = login
      // A user who is signed in stays signed in after a callback that was refused.
      await session.restore().catch(() => {})
      try {
        await complete(withState(href, state), transaction)
        arrivedFor = undefined
      } catch (error) {
        transactions.failed()
        throw error
      } finally {
        goBack(returnTo)
      }
      return { handled: true, returnTo }
    }
    if (!isKnown && (await popups.deliverCallback(state, href))) {
      window.close()
      // This page is a popup that is about to close, so nothing is started.
      await new Promise((resolve) => setTimeout(resolve, 1000))
      return { handled: true }
    }
    if (state === "") return unhandled
    // The callback was handled before. A user who is not signed in gets the error of a missing transaction.
    if ((await session.restore()).status === "signedOut") await complete(href, "").catch(() => {})
    if (isAt(location.href, redirectUri)) goBack(arrivedFor)
    return unhandled
  }

  /** The response in a URL, unless it is for another library or client. */
  const readOwn = (url: string): OwnResponse | undefined => {
    const callback = readCallbackUrl(url)
    if (callback === undefined) return undefined
    const { href, state: found } = callback
    // The window's name is that of a login's popup.
    const isExpected = isAt(href, redirectUri) || window.name === name
    const state = found || (isExpected && transactions.unfinished()) || ""
    // Also at another page, because a server or a script may add a language to the path.
    const isKnown = state !== "" && transactions.has(state)
    const isOurs =
      state === "" ? window.opener !== null : isOwnState(state) && !transactions.isOfAnother(state)
    return isKnown || (isExpected && isOurs) ? { href, found, state, isKnown } : undefined
  }

  const handle = async (response: OwnResponse | undefined): Promise<CallbackResult> => {
    if (response === undefined) return unhandled
    isNewPage = false
    handledHere.add(name + response.state)
    const cleaned = withoutResponse(location.href, response.found)
    if (response.state !== "" && cleaned !== location.href) history.replaceState(history.state, "", cleaned)
    return shown.during(() => finishLogin(response))
  }

  /** Shows a user who is not signed in that they left the login of an earlier page. */
  const recall = async (): Promise<void> => {
    const unfinished = isNewPage ? transactions.unfinished() : undefined
    isNewPage = false
    await session.restore()
    if (unfinished === undefined) return
    transactions.forgetUnfinished()
    shown.explain({ error: new LoginAbandoned({}) })
    // A user who left the login may have gone to the app's root; one whose page was loaded again has come back there.
    if (!isAt(location.href, redirectUri) || (isRedirectFolder && !transactions.isTaken(unfinished))) return
    // The response of another client or library, which it has yet to read.
    if (readCallbackUrl(location.href) !== undefined) return
    arrivedFor = transactions.returnTo(unfinished)
    goBack(arrivedFor)
  }

  const begin = async () => {
    // The response that the page was loaded with may have been handled since.
    const isNew = (response: OwnResponse | undefined) =>
      response && !handledHere.has(name + response.state) && !transactions.isTaken(response.state)
    const response = arrivals.map(readOwn).find(isNew) ?? readOwn(location.href)
    arrivals = []
    try {
      await shown.during(async () => {
        await handle(response)
        await recall()
      })
    } catch {
      // The state shows the failure.
    }
  }

  const start = refCounted(() => {
    const close = channel.open()
    const stopLogging = logErrors()
    const { check, stop } = keepTokenFresh({
      session,
      now,
      reload: isShared ? reload : async () => {},
      onRestored: () => {
        const isUnfinished = transactions.unfinished() !== undefined
        transactions.forgetUnfinished()
        // Another page of this tab may have written to the store since.
        void reload().then(() => giveUpRedirect(isUnfinished ? new LoginAbandoned({}) : undefined))
      },
      onNotRenewed: isShared && !settings.persistRefreshToken ? askOtherTabs : undefined,
    })
    void begin().then(check)
    return () => {
      stop()
      stopLogging()
      close()
    }
  })

  const mount: BrowserTokenClient["mount"] = (options) => {
    const own = { ...options }
    mounts = [own, ...mounts]
    const stop = start()
    return () => {
      mounts = mounts.filter((other) => other !== own)
      stop()
    }
  }

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
    login: (options) => quietLogin(login(options)),
    logout: async ({ returnTo }: LogoutOptions = {}) => {
      const leave = leaveTo(returnTo)
      logouts++
      popups.cancel()
      transactions.signedOut()
      ownSignOuts.note()
      store.removeAtOnce(name)
      try {
        await session.signOut()
      } finally {
        channel.post({ type: "signedOut" })
      }
      leave()
    },
    handleCallback: (href) => handle(readOwn(href ?? location.href)),
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
    hasLoggedOut: () => transactions.isSignedOut() || ownSignOuts.isNoted(),
    getStorage: () => storage,
  }
}

/** The URL of the page, now and at its load. None on a server. */
const readArrivals = (): readonly string[] => {
  if (globalThis.location === undefined) return []
  // The simulated browsers of unit tests do not have it.
  const loads = performance.getEntriesByType?.("navigation") ?? []
  return [location.href, ...loads.map(({ name }) => name)]
}

/** Without a page load, which would lose a token in memory. Both events let the router show the new URL, as the back button does. */
const replaceUrl = (newURL: string): void => {
  const { href: oldURL, hash } = location
  history.replaceState(null, "", newURL)
  dispatchEvent(new PopStateEvent("popstate", { state: null }))
  if (location.hash !== hash) dispatchEvent(new HashChangeEvent("hashchange", { oldURL, newURL }))
}
