/** Login by redirect: a page leaves for the provider, and a later page of the app completes the login. */
import {
  type AuthorizationRequest,
  LoginAbandoned,
  type PromiseTokenSession,
  type TokenError,
} from "@ellipsis-oauth/core/promise"
import { type CallbackResult, unhandled } from "../client/TokenProviderClient.js"
import { leaveFor } from "../page/leaveFor.js"
import type { AppRouter } from "./appRouter.js"
import { isAt, readCallbackUrl, withoutResponse, withState } from "./CallbackUrl.js"
import { type OwnResponse, type ResponseRecipient, readOwnResponse } from "./OwnResponse.js"
import { type PopupLogin, stateOf } from "./popupLogin.js"
import type { ShownState } from "./shownState.js"

export interface RedirectLoginOptions extends ResponseRecipient {
  readonly session: Pick<PromiseTokenSession, "restore">
  readonly shown: ShownState
  readonly popups: Pick<PopupLogin, "deliverCallback">
  readonly complete: (callbackUrl: string, transaction: string) => Promise<unknown>
  readonly router: Pick<AppRouter, "goTo">
}

export interface RedirectLogin {
  /** Leaves the page. `giveUp` ends the login if the browser stays. @throws ConfigurationError without storage */
  leave(request: AuthorizationRequest, returnTo: string, giveUp: (error?: TokenError) => void): void
  /** Where a login leads that is begun at this page. */
  defaultReturnTo(): string
  /** Completes the login of a callback URL: the page's URL if left out. */
  handleCallback(url?: string): Promise<CallbackResult>
  /** Makes of the page's URL, and of what an earlier page left behind, what there is to make of it. Never rejects. */
  begin(): Promise<void>
  /** Ends the login for which this page was left: the browser shows it again. */
  end(): void
}

/** The names of clients with the states of their responses that this page has handled, for later clients of the page. */
const handledHere = new Set<string>()

export const redirectLogin = (options: RedirectLoginOptions): RedirectLogin => {
  const { name, redirectUri, transactions, session, shown, popups, complete, router } = options
  /** Read early, because a router may leave the redirect URI before the client is mounted, or even made. */
  let arrivals = readArrivals()
  /** Nothing has been made of the URL and of what an earlier page left behind. */
  let isNewPage = true
  /** Where the login leads that came back to this page, until it has succeeded. */
  let arrivedFor: string | undefined
  /** Ends the login for which this page was left. */
  let giveUpCurrent = (_error?: TokenError) => {}

  const isRedirectFolder = /\/$/.test(new URL(redirectUri).pathname)

  const readOwn = (url: string) => readOwnResponse(options, url)

  /** Where a user goes from the redirect URI. An app may have nothing to show there, unless it is a folder, such as its root. */
  const nextPage = () => arrivedFor ?? (isRedirectFolder ? undefined : `${location.origin}/`)

  const goBack = (returnTo: string | undefined) => {
    if (returnTo === undefined) return
    queueMicrotask(() => {
      router.goTo(returnTo)
      // A user who is at the redirect URI later has gone there.
      if (location.href === returnTo || !isAt(location.href, redirectUri)) arrivedFor = undefined
    })
  }

  const returnToOf = (state: string | undefined) => transactions.find(state ?? "")?.returnTo

  const finish = async ({ href, state }: OwnResponse): Promise<CallbackResult> => {
    const returnTo = returnToOf(state)
    arrivedFor = returnTo ?? returnToOf(transactions.last()?.state)
    const transaction = await transactions.take(state)
    if (transaction !== undefined && returnTo !== undefined) {
      // A user who is signed in stays signed in after a callback that was refused.
      await session.restore().catch(() => {})
      try {
        await complete(withState(href, state), transaction)
        arrivedFor = undefined
      } catch (error) {
        transactions.failed(error)
        throw error
      } finally {
        goBack(returnTo)
      }
      return { handled: true, returnTo }
    }
    if (returnTo === undefined && (await popups.deliverCallback(state, href))) {
      window.close()
      // This page is a popup that is about to close, so nothing is started.
      await new Promise((resolve) => setTimeout(resolve, 1000))
      return { handled: true }
    }
    if (state === "") return unhandled
    // The callback was handled before. A user who is not signed in gets the error of a missing transaction.
    const { status } = await session.restore()
    if (status === "signedOut") await complete(href, "").catch(() => {})
    if (isAt(location.href, href)) goBack(status === "signedOut" ? arrivedFor : nextPage())
    return unhandled
  }

  const handle = async (response: OwnResponse | undefined): Promise<CallbackResult> => {
    if (response === undefined) return unhandled
    isNewPage = false
    const { state, found } = response
    handledHere.add(name + state)
    const cleaned = withoutResponse(location.href, found)
    if (state !== "" && cleaned !== location.href) history.replaceState(history.state, "", cleaned)
    return shown.during(() => finish(response))
  }

  /** Shows a user who is not signed in that the login of an earlier page has failed, or was left. */
  const recall = async (): Promise<void> => {
    const last = isNewPage ? transactions.last() : undefined
    isNewPage = false
    await session.restore()
    if (last === undefined) return
    transactions.forgetLast()
    shown.explain({ error: last.error })
    // A user who left the login may have gone to the app's root; one whose page was loaded again has come back there.
    const isBack = !isRedirectFolder || transactions.find(last.state)?.isTaken
    // It may be the response of another client or library, which it has yet to read.
    const hasResponse = readCallbackUrl(location.href) !== undefined
    if (!isBack || hasResponse || !isAt(location.href, redirectUri)) return
    arrivedFor = returnToOf(last.state)
    goBack(arrivedFor)
  }

  return {
    leave: ({ url, transaction }, returnTo, giveUp) => {
      transactions.keep(stateOf(url), transaction, returnTo)
      giveUpCurrent = giveUp
      leaveFor(url, () => giveUp(new LoginAbandoned({})))
    },
    defaultReturnTo: () => {
      const { href } = location
      if (!isAt(href, redirectUri)) return href
      const response = readCallbackUrl(href)
      return nextPage() ?? (response === undefined ? href : withoutResponse(href, response.state))
    },
    handleCallback: (url = location.href) => handle(readOwn(url)),
    begin: async () => {
      // The response that the page was loaded with may have been handled since.
      const isNew = (response: OwnResponse | undefined) =>
        response && !handledHere.has(name + response.state) && !transactions.find(response.state)?.isTaken
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
    },
    end: () => {
      const last = transactions.last()
      transactions.forgetLast()
      giveUpCurrent(last?.error)
    },
  }
}

/** The URL of the page, now and at its load. None on a server. */
const readArrivals = (): readonly string[] => {
  if (globalThis.location === undefined) return []
  // The simulated browsers of unit tests do not have it.
  const loads = performance.getEntriesByType?.("navigation") ?? []
  return [location.href, ...loads.map(({ name }) => name)]
}
