/** The transport of browsers: `fetch`. */
import { type PromiseTransport, TransportError } from "@ellipsis-oauth/core/promise"

export const isOffline = (): boolean => globalThis.navigator?.onLine === false

export const fetchTransport = (send: typeof fetch): PromiseTransport => ({
  send: async ({ url, method, headers, body }, signal) => {
    if (isOffline()) throw new TransportError({ reason: "offline", sent: "no" })
    const reply = await unlessLost(
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
    if (reply.type === "opaqueredirect") throw new TransportError({ reason: "redirect", sent: "maybe" })
    const text = await unlessLost(reply.text())
    return { status: reply.status, headers: Object.fromEntries(reply.headers), body: text }
  },
})

/** A browser tells no more than that it failed. */
const unlessLost = <A>(answer: Promise<A>): Promise<A> =>
  answer.catch(() => {
    throw new TransportError({ reason: isOffline() ? "offline" : "network", sent: "maybe" })
  })
