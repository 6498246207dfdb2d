/**
 * Handlers for MSW (https://mswjs.io) over the engine of a mock server, in node and in a browser.
 *
 * @module
 */
import { type HttpHandler, HttpResponse, http } from "msw"
import { checkNames, OptionError } from "./common/OptionError.js"
import { isNetworkError } from "./server/FetchMount.js"
import type { MockServer } from "./server/MockServer.js"

/** Options of `mswHandlers`. */
export interface MswOptions {
  /** The base URL that the client uses. Default: the hosted service, `https://api.ellipsis-drive.com/v3`. */
  readonly baseUrl?: string
}

const hostedService = "https://api.ellipsis-drive.com/v3"

const resolveBaseUrl = (options: MswOptions): string => {
  checkNames("mswHandlers", options, ["baseUrl"])
  const { baseUrl = hostedService } = options
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") {
    throw new OptionError("mswHandlers.baseUrl", baseUrl, "an absolute http(s) URL without a query")
  }
  return url.href.replace(/\/$/, "")
}

/**
 * `server` handles every request below the base URL, with the same state, faults and log as `server.fetch`;
 * handlers of your own for paths below it go before these.
 *
 * MSW has one kind of network error: the faults `reset` and `close` both become `HttpResponse.error()`, with no
 * code in the cause. `hang` waits until the client gives up. In a browser nothing checks CORS.
 *
 * @example
 * const msw = setupServer(...mswHandlers(createMockServer()))
 */
export const mswHandlers = (server: MockServer, options: MswOptions = {}): readonly HttpHandler[] => {
  const baseUrl = resolveBaseUrl(options)
  // MSW would ignore case in a string, and take a port in it for a parameter.
  const below = new RegExp(`^${baseUrl.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")}/`)

  const respond = async (request: Request): Promise<Response> => {
    const { method, headers, signal } = request
    // A stream as a body would need `duplex`, which not every browser supports.
    const body = method === "GET" || method === "HEAD" ? null : await request.arrayBuffer()
    try {
      return await server.fetch(server.url + request.url.slice(baseUrl.length), {
        method,
        headers,
        signal,
        body,
      })
    } catch (error) {
      if (isNetworkError(error) || signal.aborted) return HttpResponse.error()
      throw error
    }
  }
  return [http.all(below, ({ request }) => respond(request))]
}
