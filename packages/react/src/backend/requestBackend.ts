/** The two calls of the backend's routes: one request each, and whatever can come back. */
import {
  InvalidTokenResponse,
  LoginRequired,
  TokenEndpointUnavailable,
  TokenErrorResponse,
  TransportError,
} from "@ellipsis-oauth/core/promise"
import type { BackendTokenClientSettings } from "./backendOptions.js"

/** What the browser is given, and keeps in memory alone. Times are milliseconds since the epoch. */
export interface BackendToken {
  readonly accessToken: string
  readonly scope: readonly string[]
  /** When the request for it was sent. */
  readonly receivedAt: number
  readonly expiresAt?: number
}

/** The name of the one session in errors and events, as core has it. */
export const sessionKey = "default"

/**
 * Asks for a token that is good for another while.
 *
 * @param rejected an access token that an API refused, or that is not wanted: the backend then gets another one
 * @throws LoginRequired, TokenErrorResponse, InvalidTokenResponse, TokenEndpointUnavailable, TransportError
 */
export const requestBackendToken = async (
  settings: BackendTokenClientSettings,
  rejected: string | undefined,
): Promise<BackendToken> => {
  const receivedAt = settings.now()
  const query = rejected === undefined ? "" : await rejectedQuery(rejected)
  const { status, body } = await post(settings, `token${query}`)
  const { access_token, expires_in, scope } = body
  const lifetime = expires_in === undefined ? undefined : Number(expires_in) * 1000
  if (typeof access_token !== "string" || !/^[\x21-\x7e]+$/.test(access_token) || Number.isNaN(lifetime)) {
    throw invalid(settings, status, "it holds no access token")
  }
  if (lifetime !== undefined && lifetime <= 0) {
    throw new TokenEndpointUnavailable({ status, summary: "the access token has already expired" })
  }
  return {
    accessToken: access_token,
    scope: typeof scope === "string" ? scope.split(" ").filter(Boolean) : [],
    receivedAt,
    ...(lifetime === undefined ? {} : { expiresAt: receivedAt + lifetime }),
  }
}

/** @throws TokenErrorResponse, InvalidTokenResponse, TokenEndpointUnavailable, TransportError */
export const requestBackendLogout = async (settings: BackendTokenClientSettings): Promise<void> => {
  await post(settings, "logout")
}

type Json = Readonly<Record<string, unknown>>

interface Reply {
  readonly status: number
  readonly body: Json
}

const post = async (settings: BackendTokenClientSettings, route: string): Promise<Reply> => {
  const { basePath, send, timeout } = settings
  const over = AbortSignal.timeout(timeout)
  const unlessLost = async <A>(answer: () => Promise<A>): Promise<A> => {
    try {
      return await answer()
    } catch {
      // A browser tells no more than that it failed.
      const reason = over.aborted ? "timeout" : navigator.onLine === false ? "offline" : "network"
      throw new TransportError({ reason, sent: "maybe" })
    }
  }
  const reply = await unlessLost(() =>
    send(new URL(`${basePath}/${route}`, location.origin), {
      method: "POST",
      headers: { accept: "application/json" },
      cache: "no-store",
      credentials: "same-origin",
      redirect: "manual",
      signal: over,
    }),
  )
  const { status, type, headers } = reply
  // Browsers do not say where it leads: to the login page of a proxy, most often.
  if (type === "opaqueredirect") throw new TransportError({ reason: "redirect", sent: "maybe" })
  const body = parse(await unlessLost(() => reply.text()))
  if (status === 204) return { status, body: {} }
  if (status === 429 || status >= 500) {
    const seconds = Number(headers.get("retry-after") ?? Number.NaN)
    throw new TokenEndpointUnavailable({ status, ...(seconds >= 0 ? { retryAfter: seconds * 1000 } : {}) })
  }
  if (body === undefined) throw invalid(settings, status, "it is no JSON")
  if (status < 300) return { status, body }
  const { error, error_description } = body
  if (error === "login_required") throw new LoginRequired({ reason: "noToken", key: sessionKey })
  if (typeof error !== "string") throw invalid(settings, status, "it is no answer of createAuthRoutes")
  throw new TokenErrorResponse({
    error,
    inferred: false,
    status,
    ...(typeof error_description === "string" ? { errorDescription: error_description.slice(0, 300) } : {}),
  })
}

const invalid = ({ basePath }: BackendTokenClientSettings, status: number, problem: string) =>
  new InvalidTokenResponse({
    status,
    problem,
    hint: `is createAuthRoutes mounted at "${basePath}" (option basePath), on this origin?`,
  })

const parse = (text: string): Json | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

/** Names the token by its hash: a URL may be logged. Nothing where the browser has no Web Crypto, on plain http. */
const rejectedQuery = async (accessToken: string): Promise<string> => {
  const digest = await globalThis.crypto?.subtle?.digest("SHA-256", new TextEncoder().encode(accessToken))
  if (digest === undefined) return ""
  const base64 = btoa(String.fromCharCode(...new Uint8Array(digest)))
  return `?rejected=${base64.replaceAll("+", "-").replaceAll("/", "_").replace("=", "")}`
}
