/** The client for apps without a backend: PKCE in the browser, and a registration without a secret. */
import type { TokenEvent } from "@ellipsis-oauth/core"
import {
  ConfigurationError,
  makePublicTokenSession,
  show,
  TransportError,
} from "@ellipsis-oauth/core/promise"
import { authorizedFetch } from "../fetch/authorizedFetch.js"
import type { CallbackResult, LoginOptions, TokenProviderClient } from "../TokenProviderClient.js"
import { type BrowserTokenClientOptions, checkBrowserOptions } from "./browserOptions.js"
import { type CallbackUrl, isOwnState, readCallbackUrl } from "./callbackUrl.js"
import { counted } from "./counted.js"
import { fetchTransport, isOffline } from "./fetchTransport.js"
import { keepToken } from "./keepToken.js"
import { loginTransactions } from "./loginTransactions.js"
import { popupLogin, stateOf } from "./popupLogin.js"
import { restoring, shownState } from "./shownState.js"
import { tabChannel } from "./tabChannel.js"
import type { StorageKind } from "./webStorage.js"
import { webTokenStore } from "./webTokenStore.js"

export interface BrowserTokenClient extends TokenProviderClient {
  /** Where tokens are kept: `memory` also where the browser refused the storage that was asked for. */
  getStorage(): StorageKind
}

/**
 * Makes a client for `TokenProvider`, or for use without React. Checks its options; everything else begins with
 * `mount` or the first call, so that it may stand in a module that a server loads too.
 *
 * @throws ConfigurationError for a bad option, at once
 */
export const createBrowserTokenClient = (options: BrowserTokenClientOptions): BrowserTokenClient => {
  const { clientId, redirectUri, server, apiOrigins, popup, ...kept } = checkBrowserOptions(options)
  const { now = Date.now, navigate = replaceUrl } = options
  /** Names what is stored, locked and announced: another client of the same origin has another name. */
  const name = `ellipsis-oauth:${clientId}:${server.tokenEndpoint}`
  const send: typeof fetch = (input, init) => (options.fetch ?? fetch)(input, init)

  let storage = kept.storage
  const store = webTokenStore({
    ...kept,
    onFallback: () => {
      if (storage === "memory") return
      storage = "memory"
      console.warn(`The browser's storage is blocked or full, so a reload signs ${clientId} out.`)
    },
  })
  const listeners = new Set(options.onEvent === undefined ? [] : [options.onEvent])
  const onEvent = (event: TokenEvent) => {
    const isWritten = ["tokenIssued", "refreshed", "signedOut"].includes(event.type)
    if (isWritten && kept.storage === "local") channel.post({ type: "written" })
    // What a listener throws is reported as any other error of the page is, and costs nobody a token.
    for (const listener of listeners) queueMicrotask(() => listener(event))
  }
  const { session, createAuthorizationRequest } = makePublicTokenSession(
    { ...options, server, onEvent, key: name },
    { transport: fetchTransport(send), crypto: globalThis.crypto, store, now },
  )
  const shown = shownState(session)
  const transactions = loginTransactions(name, now)
  const complete = (callbackUrl: string, transaction: string) =>
    shown.during(() => session.completeAuthorization(callbackUrl, transaction))
  const look = () => session.reload().catch(() => {})
  const channel = tabChannel(name, (message) => {
    // Where tabs have stores of their own, the record of this one is what is left.
    if (message.type === "signedOut") store.forget(name)
    if ("state" in message) popups.listen(message)
    else void look()
  })
  const popups = popupLogin({ name, popup, channel, complete })
  /** Ends a login by redirect that did not lead away. */
  let giveUpRedirect = () => {}

  const login = async (how: LoginOptions = {}): Promise<void> => {
    const { method = "redirect", returnTo, scope = options.scope, signal } = how
    signal?.throwIfAborted()
    const goal = requireOwnUrl("returnTo", returnTo ?? location.href)
    requireOwnUrl("redirectUri", redirectUri)
    if (isOffline()) throw new TransportError({ reason: "offline", sent: "no" })
    const request = () => createAuthorizationRequest(scope === undefined ? {} : { scope })
    if (method === "popup") {
      const signedIn = popups.login(request, signal)
      return signedIn.finally(session.beginLogin(method))
    }
    const giveUp = session.beginLogin("redirect")
    try {
      const { url, transaction } = await request()
      signal?.throwIfAborted()
      transactions.keep(stateOf(url), transaction, goal)
      giveUpRedirect = giveUp
      location.assign(url)
    } catch (error) {
      giveUp()
      throw error
    }
  }

  const answer = async ({ href, state }: CallbackUrl, isKnown: boolean): Promise<CallbackResult> => {
    const login = await transactions.take(state)
    if (login !== undefined) {
      // A login that is in the store already outlives a callback that is refused.
      await session.restore().catch(() => {})
      await complete(href, login.transaction)
      queueMicrotask(() => navigate(login.returnTo))
      return { handled: true, returnTo: login.returnTo }
    }
    if (!isKnown && (await popups.handOver(state, href))) {
      window.close()
      return { handled: true }
    }
    // It was dealt with before. Whoever is not signed in is told, by the error that no transaction gives.
    if ((await session.restore()).status === "signedOut") await complete(href, "").catch(() => {})
    return unhandled
  }

  const handleCallback = async (href = location.href): Promise<CallbackResult> => {
    const callback = readCallbackUrl(href, redirectUri)
    if (callback === undefined) return unhandled
    const isKnown = transactions.has(callback.state)
    // Perhaps it is another library's, whose callback has the same address.
    if (!isKnown && !isOwnState(callback.state)) return unhandled
    if (callback.href === location.href) history.replaceState(history.state, "", callback.cleaned)
    return shown.during(() => answer(callback, isKnown))
  }

  const begin = async () => {
    try {
      await shown.during(async () => {
        await handleCallback()
        await session.restore()
      })
    } catch {
      // The state tells.
    }
  }

  const mount = counted(() => {
    const close = channel.open()
    const { check, stop } = keepToken({
      session,
      now,
      look: kept.storage === "local" ? look : async () => {},
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

  const authorizes = (url: string | URL): boolean => {
    try {
      return apiOrigins.includes(new URL(url, globalThis.document?.baseURI).origin)
    } catch {
      return false
    }
  }

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
    handleCallback,
    getAccessToken,
    peekAccessToken: () => session.peekAccessToken(),
    fetch: authorizedFetch({
      authorizes,
      getAccessToken,
      reportRejected: (accessToken) => session.reportRejected(accessToken),
      send,
    }),
    authorizes,
    subscribeEvents: (listener) => {
      const own = (event: TokenEvent) => listener(event)
      listeners.add(own)
      return () => listeners.delete(own)
    },
    getStorage: () => storage,
  }
}

const unhandled: CallbackResult = Object.freeze({ handled: false })

/** A full load would lose a token that is in memory, so the page's router is told as if the user had gone back. */
const replaceUrl = (url: string): void => {
  history.replaceState(null, "", url)
  dispatchEvent(new PopStateEvent("popstate", { state: null }))
}

/** A redirect that leads anywhere else would be an open one, and what is stored here is not found there. */
const requireOwnUrl = (option: string, text: string): string => {
  let href = ""
  try {
    href = new URL(text, location.href).href
  } catch {
    // As bad as one of somewhere else.
  }
  const own = `${location.origin}/`
  if (href.startsWith(own)) return href
  throw new ConfigurationError({ option, got: show(text), expected: `a URL at ${own}` })
}
