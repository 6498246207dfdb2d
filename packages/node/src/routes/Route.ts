/** One of the four routes, and what they share. */
import type {
  PromiseTokenClient as TokenClient,
  PromiseTokenSession as TokenSession,
} from "@ellipsis-oauth/core/promise"
import type { AuthRoutesSettings } from "./AuthRoutesOptions.js"
import type { HintCookie } from "./HintCookie.js"
import type { LoginAddresses } from "./LoginAddresses.js"
import type { LoginCookies } from "./LoginCookies.js"
import type { SessionCookie } from "./SessionCookie.js"
import type { SessionStore } from "./SessionStore.js"

export interface Route {
  readonly method: "GET" | "POST"
  /** Rejects with a `Refusal`, or with an error of a session or the store. */
  readonly respond: (request: Request) => Promise<Response>
}

export interface RouteContext {
  readonly client: TokenClient
  readonly settings: AuthRoutesSettings
  readonly sessions: SessionStore<TokenSession>
  readonly sessionCookie: SessionCookie
  readonly hintCookie: HintCookie
  readonly loginCookies: LoginCookies
  readonly loginAddresses: LoginAddresses
  /** Calls the app's `onError`. */
  readonly tell: (error: unknown, request: Request) => void
}
