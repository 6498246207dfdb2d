/** `/`: the dashboard, and the feed that keeps it up to date. */

import type { ChangeFeed } from "../common/ChangeFeed.js"
import { OptionError } from "../common/OptionError.js"
import type { FaultPlan } from "../faults/Faults.js"
import type { Provider } from "../grants/Provider.js"
import { jsonResponse, type PlainRequest, type PlainResponse } from "../protocol/Message.js"
import { malformed, refusalResponse } from "../protocol/Refusal.js"
import type { Controls } from "../server/Controls.js"
import { createFeed, type FeedUpdate } from "./DashboardFeed.js"
import { loadDashboardAssets } from "./dashboardAssets.js"
import { dashboardPage } from "./dashboardPage.js"
import { performAction } from "./pageActions.js"

const methodNotAllowed = (): PlainResponse =>
  refusalResponse(malformed("", { status: 405, headers: { allow: "GET, HEAD" } }), "rfc6749")

/** A number that the page sent back, or 0. */
const numberOf = (query: URLSearchParams, name: string): number => {
  const value = Number(query.get(name) ?? 0)
  return Number.isSafeInteger(value) ? value : 0
}

export interface DashboardOptions {
  readonly provider: Provider
  readonly faults: FaultPlan
  readonly changes: ChangeFeed
  readonly controls: Controls
}

/** Only the page itself may send actions. A page of another origin can send a request here, but not with this Origin. */
const isOwnOrigin = (request: PlainRequest, url: string): boolean => {
  const origin = request.header("origin")
  if (origin === undefined || !URL.canParse(origin)) return false
  return new URL(origin).host === (request.header("host") ?? new URL(url).host)
}

const message = (status: number, text: string): PlainResponse => jsonResponse(status, { message: text })

const runAction = (controls: Controls, changes: ChangeFeed, request: PlainRequest): PlainResponse => {
  if (!isOwnOrigin(request, controls.url))
    return message(403, "Only the dashboard of this server may send actions.")
  if (request.header("content-type") !== "application/json") return message(415, "The body must be JSON.")
  const text = request.body === "too large" ? "" : new TextDecoder().decode(request.body)
  try {
    performAction(controls, JSON.parse(text))
  } catch (error) {
    return message(400, error instanceof OptionError ? error.message : "The body is not JSON.")
  }
  changes.publish()
  return jsonResponse(200, {})
}

export const createDashboard = async ({ provider, faults, changes, controls }: DashboardOptions) => {
  const page = dashboardPage(await loadDashboardAssets())

  /** Waits until there is something that the page has not received. */
  const feed = async (query: URLSearchParams): Promise<PlainResponse> => {
    const isSame = () =>
      query.get("generation") === changes.generation && numberOf(query, "version") === changes.version
    if (isSame()) await changes.next()
    const after = query.get("generation") === changes.generation ? numberOf(query, "after") : 0
    const { generation, version } = changes
    const started = performance.now()
    const made = createFeed(provider, faults, after)
    // The page polls less often if this takes long, because it may be open during load tests.
    const update: FeedUpdate = { generation, version, cost: performance.now() - started, ...made }
    return jsonResponse(200, update)
  }

  return async (request: PlainRequest): Promise<PlainResponse> => {
    if (request.method === "POST" && request.target === "/__page/action")
      return runAction(controls, changes, request)
    if (request.method !== "GET" && request.method !== "HEAD") return methodNotAllowed()
    const [path, query] = request.target.split("?")
    if (path === "/__page/feed") return feed(new URLSearchParams(query))
    if (path === "/") return page
    // Browsers request an icon by themselves; the log is for requests of clients.
    return { status: 204, headers: { "cache-control": "max-age=86400" }, body: "" }
  }
}
