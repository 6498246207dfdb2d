/** `/`: the page for people, and what keeps it up to date. */

import { jsonReply, type PlainReply, type PlainRequest } from "../common/message.js"
import type { News } from "../common/news.js"
import { malformed, refusalReply } from "../grants/refusal.js"
import type { Provider } from "../provider.js"
import { createFeed } from "./dashboard-feed.js"
import { dashboardPage } from "./dashboard-page.js"

const methodNotAllowed = (): PlainReply =>
  refusalReply(malformed("", { status: 405, headers: { allow: "GET, HEAD" } }), "rfc6749")

/** A number of the page's own, which may be anything by the time it comes back. */
const numberOf = (query: URLSearchParams, name: string): number => {
  const value = Number(query.get(name) ?? 0)
  return Number.isSafeInteger(value) ? value : 0
}

export const createDashboard = (provider: Provider, news: News) => {
  /** Waits while there is nothing that the page has not seen. */
  const feed = async (query: URLSearchParams): Promise<PlainReply> => {
    const isSame = () =>
      query.get("generation") === news.generation && numberOf(query, "version") === news.version
    if (isSame()) await news.next()
    const after = query.get("generation") === news.generation ? numberOf(query, "after") : 0
    const { generation, version } = news
    const started = performance.now()
    const made = createFeed(provider, after)
    // Told to the page, which asks less often where this takes long: people look at it while load tests run.
    return jsonReply(200, { generation, version, cost: performance.now() - started, ...made })
  }

  return async (request: PlainRequest): Promise<PlainReply> => {
    if (request.method !== "GET" && request.method !== "HEAD") return methodNotAllowed()
    const [path, query] = request.target.split("?")
    if (path === "/__page/feed") return feed(new URLSearchParams(query))
    if (path === "/") return dashboardPage()
    // Browsers ask for an icon of their own accord, and the log is for requests that somebody meant.
    return { status: 204, headers: { "cache-control": "max-age=86400" }, body: "" }
  }
}
