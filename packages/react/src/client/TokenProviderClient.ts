/** What the provider and the hooks need of a client, and all that they know of it: any way of signing in fits. */
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
  /** A URL of this app to go to after the login: where the user is now if left out. Of the same origin only. */
  readonly returnTo?: string | undefined
  /** One string with spaces, or a list; the server's default if left out. */
  readonly scope?: ScopeOption | undefined
  /**
   * Further parameters of the authorization request, such as `{ prompt: "login" }`. One that the request sets itself,
   * such as `state`, is refused. Over a backend: those that its `createAuthRoutes` passes on.
   */
  readonly extra?: ExtraParameters | undefined
  /** Gives the login up. */
  readonly signal?: AbortSignal | undefined
}

/** The options of `logout`. */
export interface LogoutOptions {
  /** A URL of this app to load once the user is signed out: the page stays where it is if left out. Of the same origin only. */
  readonly returnTo?: string | undefined
}

/** What came of a URL that the user came back to. */
export interface CallbackResult {
  /** `false` where the URL is not an authorization response, or one that was dealt with before. */
  readonly handled: boolean
  /** Where the login wanted to go; of the same origin. */
  readonly returnTo?: string
}

export const unhandled: CallbackResult = Object.freeze({ handled: false })

/** What a provider gives to the client that it mounts. */
export interface MountOptions {
  /** Goes to a URL of this app by its router, in place of the current history entry, after a login by redirect. */
  readonly navigate?: ((url: string) => void) | undefined
}

/** What hooks and provider need of a client: the same for the browser's and the backend's. */
export interface TokenProviderClient {
  /** The state: the same object until it changes. Holds no token. */
  getSnapshot(): TokenState
  /** The state on a server and while a page hydrates: frozen, `restoring`, always the same object. */
  getServerSnapshot(): TokenState
  /** Calls the listener after each change of the state, until the returned function is called. */
  subscribe(listener: () => void): () => void
  /**
   * Starts the client's work: finishes a login whose callback URL this is, restores the token, listens to the page.
   * Counted: the work ends when every returned function has been called.
   */
  mount(options?: MountOptions): () => void
  /** By redirect it resolves when the page is about to leave; by popup, when the user is signed in. */
  login(options?: LoginOptions): Promise<void>
  /** Signs out, here and in every tab. @throws ConfigurationError for a `returnTo` of another origin, before anything else */
  logout(options: LogoutOptions): Promise<void>
  /** As an event handler too: `onClick={logout}`. */
  logout(): Promise<void>
  /** Finishes the login whose callback URL this is: the page's own if left out. `mount` does it by itself. */
  handleCallback(url?: string): Promise<CallbackResult>
  /** A valid access token, refreshed where needed. @throws LoginRequired, and what a refresh can fail with */
  getAccessToken(options?: GetAccessTokenOptions): Promise<string>
  /** The access token in hand, if it is still valid. Makes no request. */
  peekAccessToken(): string | undefined
  /** `fetch`, with the token for the client's own API origins and for no other. */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>
  /** Whether `fetch` adds the token to a request for this URL: whether it is at one of the client's API origins. */
  authorizes(url: string | URL): boolean
  /** Tells what happens, without secrets, until the returned function is called. */
  subscribeEvents(listener: (event: TokenEvent) => void): () => void
  /**
   * Whether the user has logged out in this browser, in any tab, and nobody has logged in since: then no login begins
   * by itself. Nobody has if left out.
   */
  hasLoggedOut?(): boolean
}
