/** The token client for Node.js, with ky and the platform's Web Crypto. */
import {
  type AuthorizationServer,
  type TokenClientOptions as CoreTokenClientOptions,
  ellipsisDrive,
  makeTokenClient,
  memoryTokenStore,
  type OpenTelemetryTracer,
  openTelemetry,
  type PromiseTokenClient,
  requireOptions,
  type SessionParts,
  type TokenStoreAdapter,
  tokenClientOptionNames,
} from "@ellipsis-oauth/core/promise"
import type { ApiFetch } from "../api/apiFetch.js"
import { requireApiOrigins } from "../api/apiOrigins.js"
import { type Fetch, type KyTransportOptions, kyTransport } from "../transport/kyTransport.js"
import { TokenSession, type TokenSessionSettings } from "./TokenSession.js"

/** The options of `createTokenClient`. */
export interface TokenClientOptions extends Omit<CoreTokenClientOptions, "server">, KyTransportOptions {
  /** `ellipsisDrive()`, the hosted service, if left out. */
  readonly server?: AuthorizationServer | undefined
  /** Where sessions keep their tokens; in memory if left out. */
  readonly store?: TokenStoreAdapter | undefined
  /** The origins that get the token from `session.fetch` and `session.ky`: that of the token endpoint if left out. */
  readonly apiOrigins?: readonly string[] | undefined
  /** Milliseconds since the epoch; the system's clock if left out. */
  readonly now?: (() => number) | undefined
  /** An OpenTelemetry tracer, such as `trace.getTracer("my-app")`: gets a span for each refresh and request. */
  readonly tracer?: OpenTelemetryTracer | undefined
}

/** The token client for Node.js. Its sessions can call APIs. */
export type TokenClient = PromiseTokenClient<TokenSession>

const ownOptionNames = ["store", "apiOrigins", "now", "tracer", "fetch", "userAgent"] as const

/**
 * Makes a token client: login, token requests, and sessions. Making it sends no request and opens no store.
 *
 * @throws ConfigurationError for a bad option, at once, with the option's name, its value and what is expected
 */
export const createTokenClient = (options: TokenClientOptions): TokenClient => {
  requireOptions(
    options,
    [...tokenClientOptionNames, ...ownOptionNames],
    "an object with at least a clientId",
  )
  const { server = ellipsisDrive(), store, apiOrigins, now, tracer, fetch, userAgent, ...known } = options
  const transport = kyTransport({ fetch, userAgent })
  // Core checks the server later, so the token endpoint may be missing here.
  const endpoint = URL.canParse(server?.tokenEndpoint) ? new URL(server.tokenEndpoint) : undefined
  const settings: TokenSessionSettings = {
    apiBaseUrl: apiBaseUrlOf(endpoint?.href),
    apiOrigins: requireApiOrigins(
      "apiOrigins",
      apiOrigins ?? (endpoint ? [endpoint.origin] : []),
      endpoint?.origin,
    ),
    insecureOrigin: endpoint?.origin,
    fetch: fetch === undefined ? (input, init) => globalThis.fetch(input, init) : plainFetch(fetch),
  }
  return makeTokenClient(
    { ...known, server },
    {
      transport,
      crypto: globalThis.crypto,
      store: store ?? memoryTokenStore(now === undefined ? {} : { now }),
      now,
      tracer: tracer === undefined ? undefined : openTelemetry(tracer),
    },
    class extends TokenSession {
      constructor(parts: SessionParts) {
        super(parts, settings)
      }
    },
  )
}

/** The base URL of the API, if the token endpoint is at `oauth/token` below it, as the provider has it. */
const apiBaseUrlOf = (tokenEndpoint: string | undefined): string | undefined =>
  tokenEndpoint?.match(/^(.+\/)oauth\/token$/)?.[1]

/** Calls another `fetch` with plain values, since undici's, for example, cannot read the global `Request`. */
const plainFetch =
  (fetch: Fetch): ApiFetch =>
  async (input, init) => {
    const request = new Request(input, init)
    const { url, method, signal, redirect } = request
    const body = request.body === null ? undefined : await request.arrayBuffer()
    const headers = Object.fromEntries(request.headers)
    const given = { ...init, method, headers, signal, redirect, body }
    return fetch(url, given as never) as unknown as Promise<Response>
  }
