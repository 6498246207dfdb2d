/** The authorization responses of this client, among all that look like one in the URLs of a page. */
import { type CallbackUrl, isAt, isOwnState, readCallbackUrl } from "./CallbackUrl.js"
import type { LoginTransactions } from "./loginTransactions.js"

/** An authorization response for this client. */
export interface OwnResponse extends CallbackUrl {
  /** The state in the URL. The other one is that of the only possible login where the URL has none. */
  readonly found: string
}

export interface ResponseRecipient {
  /** The client's name, which is that of its popup's window too. */
  readonly name: string
  readonly redirectUri: string
  readonly transactions: LoginTransactions
}

/** The response in a URL, unless it is for another library or client. */
export const readOwnResponse = (
  { name, redirectUri, transactions }: ResponseRecipient,
  url: string,
): OwnResponse | undefined => {
  const callback = readCallbackUrl(url)
  if (callback === undefined) return undefined
  const { href, state: found } = callback
  const isExpected = isAt(href, redirectUri) || window.name === name
  const state = found || (isExpected && transactions.last()?.state) || ""
  // Also at another page, because a server or a script may add a language to the path.
  const isKnown = transactions.find(state) !== undefined
  const isOurs = state === "" ? window.opener !== null : isOwnState(state) && !transactions.isOfAnother(state)
  return isKnown || (isExpected && isOurs) ? { href, found, state } : undefined
}
