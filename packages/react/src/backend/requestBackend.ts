/** The two requests to the backend's routes, and how their responses are read. */
import {
  defaultKey,
  type HeldToken,
  InvalidTokenResponse,
  LoginRequired,
  readBody,
  TokenEndpointUnavailable,
  TokenErrorResponse,
  TransportError,
} from "@ellipsis-oauth/core/promise"
import { isOffline } from "../page/isOffline.js"
import type { BackendTokenClientSettings } from "./BackendTokenClientOptions.js"

/** The token that the browser gets, and keeps only in memory. Only the backend knows whether there is a refresh token. */
export interface BackendToken extends HeldToken {
  readonly isRefreshable: true
}

/**
 * Requests a fresh access token.
 *
 * @param rejected an access token that an API refused, or that the caller does not want: the backend gets another one
 * @returns `undefined` if no user is signed in, and the routes set a cookie that shows when to ask again
 * @throws LoginRequired, TokenErrorResponse, InvalidTokenResponse, TokenEndpointUnavailable, TransportError
 */
export const requestBackendToken = async (
  settings: BackendTokenClientSettings,
  rejected: string | undefined,
): Promise<BackendToken | undefined> => {
  const issuedAt = settings.now()
  const query = rejected === undefined ? "" : await rejectedQuery(rejected)
  const { status, body } = await post(settings, `token${query}`, { prefer: "signed-out=200" })
  if (body["error"] === "login_required") return undefined
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
    issuedAt,
    expiresAt: lifetime === undefined ? undefined : issuedAt + lifetime,
    isRefreshable: true,
  }
}

/** @throws TokenErrorResponse, InvalidTokenResponse, TokenEndpointUnavailable, TransportError */
export const requestBackendLogout = async (settings: BackendTokenClientSettings): Promise<void> => {
  // The page may be left before the response comes.
  await post(settings, "logout", {}, { keepalive: true })
}

type Json = Readonly<Record<string, unknown>>

interface BackendResponse {
  readonly status: number
  readonly body: Json
}

const post = async (
  settings: BackendTokenClientSettings,
  route: string,
  fields: Readonly<Record<string, string>> = {},
  init: RequestInit = {},
): Promise<BackendResponse> => {
  const { basePath, timeout } = settings
  const overdue = AbortSignal.timeout(timeout)
  const unlessLost = async <A>(send: () => Promise<A>): Promise<A> => {
    try {
      return await send()
    } catch {
      // A browser gives no reason for a failed request.
      const reason = overdue.aborted ? "timeout" : isOffline() ? "offline" : "network"
      throw new TransportError({ reason, sent: "maybe" })
    }
  }
  const response = await unlessLost(() =>
    settings.fetch(new URL(`${basePath}/${route}`, location.origin), {
      method: "POST",
      headers: { accept: "application/json", ...fields },
      cache: "no-store",
      credentials: "same-origin",
      redirect: "manual",
      signal: overdue,
      ...init,
    }),
  )
  const { status, type, headers } = response
  // Browsers do not show the target of the redirect, which is often the login page of a proxy.
  if (type === "opaqueredirect") throw new TransportError({ reason: "redirect", sent: "maybe" })
  const body = parse(await unlessLost(() => readBody(response.body)))
  if (status === 204) return { status, body: {} }
  if (status === 429 || status >= 500) {
    const seconds = Number(headers.get("retry-after") ?? Number.NaN)
    throw new TokenEndpointUnavailable({ status, retryAfter: seconds >= 0 ? seconds * 1000 : undefined })
  }
  if (body === undefined) throw invalid(settings, status, "the body is not JSON")
  if (status < 300) return { status, body }
  const { error, error_description } = body
  if (error === "login_required") throw new LoginRequired({ reason: "noToken", key: defaultKey })
  if (typeof error !== "string") throw invalid(settings, status, "it is not a response of createAuthRoutes")
  throw new TokenErrorResponse({
    error,
    inferred: false,
    status,
    errorDescription: typeof error_description === "string" ? error_description.slice(0, 300) : undefined,
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

/** The hash of the token, because a URL may be logged. Empty without Web Crypto, that is, on plain http. */
const rejectedQuery = async (accessToken: string): Promise<string> => {
  const digest = await globalThis.crypto?.subtle?.digest("SHA-256", new TextEncoder().encode(accessToken))
  if (digest === undefined) return ""
  const base64 = btoa(String.fromCharCode(...new Uint8Array(digest)))
  return `?rejected=${base64.replaceAll("+", "-").replaceAll("/", "_").replace("=", "")}`
}
