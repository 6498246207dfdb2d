/** The transport for browsers, with `fetch`. */
import { type PromiseTransport, readLimitedBody, TransportError } from "@ellipsis-oauth/core/promise"
import { isOffline } from "../page/isOffline.js"

export const fetchTransport =
  (send: typeof fetch): PromiseTransport =>
  async ({ url, method, headers, body }, signal) => {
    if (isOffline()) throw new TransportError({ reason: "offline", sent: "no" })
    const response = await unlessLost(
      send(url, {
        method,
        headers,
        body,
        signal,
        redirect: "manual",
        credentials: "omit",
        cache: "no-store",
      }),
    )
    // Browsers do not show the target of the redirect.
    if (response.type === "opaqueredirect") throw new TransportError({ reason: "redirect", sent: "maybe" })
    const read = await unlessLost(readLimitedBody(response.body))
    return { status: response.status, headers: Object.fromEntries(response.headers), ...read }
  }

/** A browser gives no reason for a failed request. */
const unlessLost = <A>(response: Promise<A>): Promise<A> =>
  response.catch(() => {
    throw new TransportError({ reason: isOffline() ? "offline" : "network", sent: "maybe" })
  })
