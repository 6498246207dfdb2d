/** The transport of browsers: `fetch`. */
import { type PromiseTransport, readBody, TransportError } from "@ellipsis-oauth/core/promise"

export const isOffline = (): boolean => globalThis.navigator?.onLine === false

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
    // Browsers do not say where it leads.
    if (response.type === "opaqueredirect") throw new TransportError({ reason: "redirect", sent: "maybe" })
    const text = await unlessLost(readBody(response.body))
    return { status: response.status, headers: Object.fromEntries(response.headers), body: text }
  }

/** A browser tells no more than that it failed. */
const unlessLost = <A>(response: Promise<A>): Promise<A> =>
  response.catch(() => {
    throw new TransportError({ reason: isOffline() ? "offline" : "network", sent: "maybe" })
  })
