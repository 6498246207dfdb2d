/** Turns a request into a response: routes, endpoints, faults, log. `fetch` and the socket both call it. */

import { accountEndpoint } from "../endpoints/accountEndpoint.js"
import { authorizationEndpoint } from "../endpoints/authorizationEndpoint.js"
import { type Decision, refused } from "../endpoints/Decision.js"
import { pathEndpoint, rootEndpoint, searchEndpoint } from "../endpoints/pathEndpoint.js"
import { previewRequest } from "../endpoints/previewRequest.js"
import { suggestPath } from "../endpoints/suggestPath.js"
import { tokenEndpoint } from "../endpoints/tokenEndpoint.js"
import { faultInWords, type ResolvedFault } from "../faults/Fault.js"
import type { Arrival, FaultPlan } from "../faults/Faults.js"
import { faultyResponse } from "../faults/faultyResponse.js"
import type { Provider } from "../grants/Provider.js"
import type { Endpoint, LogEntry } from "../log/Log.js"
import { corsHeaders, preflightResponse } from "../protocol/Cors.js"
import type { PlainRequest, PlainResponse } from "../protocol/Message.js"
import { cut } from "../protocol/Parameters.js"
import { malformed } from "../protocol/Refusal.js"

/** Where the provider's API is mounted. */
export const basePath = "/v3"

export interface Engine {
  /** Returns a promise only if the request has to wait, because promises cost time. */
  handle(request: PlainRequest): PlainResponse | Promise<PlainResponse>
}

interface Route {
  readonly endpoint: Endpoint
  readonly methods: string
  readonly decide: (provider: Provider, request: PlainRequest, query: string) => Decision
}

const routes: ReadonlyMap<string, Route> = new Map<string, Route>([
  [
    `${basePath}/oauth/authorize`,
    { endpoint: "authorize", methods: "GET, POST", decide: authorizationEndpoint },
  ],
  [`${basePath}/oauth/token`, { endpoint: "token", methods: "POST", decide: tokenEndpoint }],
  [`${basePath}/account`, { endpoint: "account", methods: "GET", decide: accountEndpoint }],
  [`${basePath}/path`, { endpoint: "path", methods: "GET", decide: searchEndpoint }],
])

const below = [
  [`${basePath}/path/`, pathEndpoint],
  [`${basePath}/account/root/`, rootEndpoint],
] as const

const findRoute = (path: string): Route | undefined => {
  const [prefix, endpoint] = below.find(([prefix]) => path.startsWith(prefix)) ?? []
  if (prefix === undefined || endpoint === undefined) return routes.get(path)
  const rest = path.slice(prefix.length)
  return {
    endpoint: "path",
    methods: "GET",
    decide: (provider, request, query) => endpoint(provider, request, query, rest),
  }
}

const notFound = (provider: Provider, path: string): Decision => {
  const known = [...routes.keys()]
  const meant = suggestPath(path, known)
  const suggestion = meant === undefined ? "" : ` Did you mean ${meant}?`
  return refused(
    provider,
    { parameters: {} },
    malformed(`There is no endpoint at this path.${suggestion}`, {
      description: `There is nothing at this path.${suggestion}`,
      status: 404,
      expected: known.join(", "),
    }),
  )
}

const statusOf = ({ wire, status }: PlainResponse): number =>
  wire === undefined || wire === "closeInBody" ? status : 0

export const createEngine = (provider: Provider, faults: FaultPlan): Engine => {
  const { clock, log, settings } = provider

  const finish = (
    request: PlainRequest,
    path: string,
    endpoint: LogEntry["endpoint"],
    decision: Decision,
    fault?: ResolvedFault,
  ): PlainResponse => {
    const response = fault === undefined ? decision.response : faultyResponse(clock, fault, decision.response)
    log.add({
      time: clock.now(),
      endpoint,
      method: request.method,
      path: cut(path, 200),
      status: statusOf(response),
      retryAfter: response.headers["retry-after"],
      fault: fault === undefined ? undefined : faultInWords(fault),
      ...decision.facts,
    })
    const headers = { ...corsHeaders(settings.cors, request), date: clock.httpDate(), ...response.headers }
    return { ...response, headers }
  }

  const wait = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      clock.after(milliseconds, resolve)
    })

  /** A request with a fault or a barrier. It is carried out even if the client has disconnected, as at a real server. */
  const handleSlowly = async (
    request: PlainRequest,
    path: string,
    query: string,
    { endpoint, decide }: Route,
    arrival: Arrival,
    fault: ResolvedFault | undefined,
  ): Promise<PlainResponse> => {
    await faults.park(arrival, "beforeGrant")
    const early = fault?.at === "beforeGrant" ? fault : undefined
    const skips = early !== undefined && (early.reply !== undefined || early.wire !== undefined)
    if (early !== undefined && early.delay > 0) await wait(early.delay)
    const decision: Decision = skips
      ? {
          response: { status: 0, headers: {}, body: "" },
          facts: {
            ...previewRequest(settings, endpoint, request, query),
            decision: "skipped",
            reason: "A fault replaced the response; the provider did not process the request.",
          },
        }
      : decide(provider, request, query)
    const response = finish(request, path, endpoint, decision, fault)
    await faults.park(arrival, "afterCommit")
    if (fault?.at === "afterCommit" && fault.delay > 0) await wait(fault.delay)
    return response
  }

  return {
    handle: (request) => {
      const mark = request.target.indexOf("?")
      const path = mark < 0 ? request.target : request.target.slice(0, mark)
      const query = mark < 0 ? "" : request.target.slice(mark + 1)
      const route = findRoute(path)
      if (route === undefined) return finish(request, path, "other", notFound(provider, path))
      if (request.method === "OPTIONS") {
        return finish(request, path, route.endpoint, {
          response: preflightResponse(settings.cors, request, route.methods),
          facts: {
            parameters: {},
            decision: "served",
            reason: "A browser asked whether it may send the request.",
          },
        })
      }
      const arrival: Arrival = {
        endpoint: route.endpoint,
        get isRefresh() {
          const isTokenRequest = route.endpoint === "token"
          const known = isTokenRequest ? previewRequest(settings, "token", request, query) : undefined
          return known?.grantType === "refresh_token"
        },
      }
      const fault = faults.take(arrival)
      return fault === undefined && !faults.holds(arrival)
        ? finish(request, path, route.endpoint, route.decide(provider, request, query))
        : handleSlowly(request, path, query, route, arrival, fault)
    },
  }
}
