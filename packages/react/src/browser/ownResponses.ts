/** The authorization responses of this client, among all that look like one in the URLs of a page. */
import { type CallbackUrl, isAt, isOwnState, readCallbackUrl, withoutResponse } from "./CallbackUrl.js"
import type { LoginTransactions } from "./loginTransactions.js"

/** An authorization response for this client. */
export interface OwnResponse extends CallbackUrl {
  /** The state in the URL. The other one is that of the only possible login where the URL has none. */
  readonly found: string
}

export interface OwnResponsesOptions {
  /** The client's name, which is that of its popup too. */
  readonly name: string
  readonly redirectUri: string
  readonly transactions: LoginTransactions
}

export interface OwnResponses {
  /** The response in a URL, unless it is for another library or client. */
  read(url: string): OwnResponse | undefined
  /** The response that the page was loaded with, for the first caller, or the one that is in its URL now. */
  arrived(): OwnResponse | undefined
  /** Removes a response from the page's URL. It is not one that has arrived any more. */
  claim(response: OwnResponse): void
}

/** The names of clients with the states of their responses that this page has handled, for later clients of the page. */
const handledHere = new Set<string>()

export const ownResponses = ({ name, redirectUri, transactions }: OwnResponsesOptions): OwnResponses => {
  /** Read early, because a router may leave the redirect URI before the client is mounted, or even made. */
  let arrivals = readArrivals()

  const read = (url: string): OwnResponse | undefined => {
    const callback = readCallbackUrl(url)
    if (callback === undefined) return undefined
    const { href, state: found } = callback
    const isExpected = isAt(href, redirectUri) || window.name === name
    const state = found || (isExpected && transactions.last()?.state) || ""
    // Also at another page, because a server or a script may add a language to the path.
    const isKnown = state !== "" && transactions.find(state) !== undefined
    const isOurs =
      state === "" ? window.opener !== null : isOwnState(state) && !transactions.isOfAnother(state)
    return isKnown || (isExpected && isOurs) ? { href, found, state } : undefined
  }

  return {
    read,
    arrived: () => {
      // The response that the page was loaded with may have been handled since.
      const isNew = (response: OwnResponse | undefined) =>
        response && !handledHere.has(name + response.state) && !transactions.find(response.state)?.isTaken
      const response = arrivals.map(read).find(isNew) ?? read(location.href)
      arrivals = []
      return response
    },
    claim: ({ state, found }) => {
      handledHere.add(name + state)
      const cleaned = withoutResponse(location.href, found)
      if (state !== "" && cleaned !== location.href) history.replaceState(history.state, "", cleaned)
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
