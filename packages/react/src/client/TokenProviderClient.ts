/** The client interface of the provider and the hooks. Every way of signing in can implement it. */
import type {
  ExtraParameters,
  GetAccessTokenOptions,
  ScopeOption,
  TokenEvent,
  TokenState,
} from "@ellipsis-oauth/core/promise"

/** The options of `login`. */
export interface LoginOptions {
  /** `redirect` if left out: the page goes to the provider and comes back. `popup`: call it in the click itself. */
  readonly method?: "redirect" | "popup" | undefined
  /** The URL of this app to go to after the login: the current URL if left out. Only of the same origin. */
  readonly returnTo?: string | undefined
  /** One string with spaces, or a list; the server's default if left out. */
  readonly scope?: ScopeOption | undefined
  /**
   * Further parameters of the authorization request, such as `{ prompt: "login" }`. A parameter that the request sets
   * itself, such as `state`, is an error. Over a backend, only those that its `createAuthRoutes` allows.
   */
  readonly extra?: ExtraParameters | undefined
  /** Aborting the signal ends the login. */
  readonly signal?: AbortSignal | undefined
}

/** The options of `logout`. */
export interface LogoutOptions {
  /** A URL of this app to load after the sign-out. If left out, the page stays. Only of the same origin. */
  readonly returnTo?: string | undefined
}

/** The result of `handleCallback`. */
export interface CallbackResult {
  /** `false` if the URL is not an authorization response, or if it was handled before. */
  readonly handled: boolean
  /** The URL to go to after the login, of the same origin. */
  readonly returnTo?: string
}

export const unhandled: CallbackResult = Object.freeze({ handled: false })

/** The options of `mount`, which the provider sets. */
export interface MountOptions {
  /** Goes to a URL of this app with its router, after a login by redirect. It replaces the current history entry. */
  readonly navigate?: ((url: string) => void) | undefined
}

/** The client interface of the hooks and the provider, for the browser client and the backend client. */
export interface TokenProviderClient {
  /** The state: the same object until it changes. It contains no token. */
  getSnapshot(): TokenState
  /** The state on a server and while a page hydrates: frozen, `restoring`, always the same object. */
  getServerSnapshot(): TokenState
  /** Calls the listener after each change of the state, until the returned function is called. */
  subscribe(listener: () => void): () => void
  /**
   * Starts the client's work: completes a login if the page has a callback URL, restores the token, and listens to the
   * page. Several calls are counted: the work ends when all returned functions have been called.
   */
  mount(options?: MountOptions): () => void
  /** Starts a login. By redirect it resolves when the page is about to leave; by popup, when the user is signed in. */
  login(options?: LoginOptions): Promise<void>
  /** Signs out, here and in every tab. @throws ConfigurationError for a `returnTo` of another origin, before anything else */
  logout(options: LogoutOptions): Promise<void>
  /** Can be an event handler: `onClick={logout}`. */
  logout(): Promise<void>
  /** Completes the login of a callback URL: the page's URL if left out. `mount` does this too. */
  handleCallback(url?: string): Promise<CallbackResult>
  /** A valid access token, refreshed if needed. @throws LoginRequired, and the errors of a refresh */
  getAccessToken(options?: GetAccessTokenOptions): Promise<string>
  /** The access token in memory, if it is still valid. Makes no request. */
  peekAccessToken(): string | undefined
  /** `fetch` that adds the token, only for the client's API origins. */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>
  /** Whether `fetch` adds the token to a request for this URL: whether it is at one of the client's API origins. */
  authorizes(url: string | URL): boolean
  /** Calls the listener with the client's events, without secrets, until the returned function is called. */
  subscribeEvents(listener: (event: TokenEvent) => void): () => void
  /**
   * Whether the user has logged out in this browser, in any tab, and has not logged in since. Then no login starts by
   * itself. `false` if left out.
   */
  hasLoggedOut?(): boolean
}
