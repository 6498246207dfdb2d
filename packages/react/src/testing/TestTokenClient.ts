/** A client for the tests of components. The test sets its state, and it has no network. */
import {
  isSignedIn,
  LoginRequired,
  restoring,
  type TokenEvent,
  type TokenState,
} from "@ellipsis-oauth/core/promise"
import type { TokenProviderClient } from "../client/TokenProviderClient.js"

/** The actions that a test can replace, for example with a spy. */
export type TestTokenActions = Partial<
  Pick<TokenProviderClient, "login" | "logout" | "handleCallback" | "getAccessToken" | "fetch" | "authorizes">
>

/** The options of `createTestTokenClient`. */
export interface TestTokenClientOptions {
  /** The first state: signed in, without an expiry, if left out. */
  readonly state?: TokenState
  /** `test-access-token` if left out. */
  readonly accessToken?: string
  /** Functions to call when the component under test calls one of these actions. */
  readonly actions?: TestTokenActions
}

/** A client whose state a test sets. It sends nothing. */
export interface TestTokenClient extends TokenProviderClient {
  /** Tells the components of a new state; wrap it in `act`, as everything that makes them render. */
  setState(state: TokenState): void
  /** Replaces the access token, as a refresh does. */
  setAccessToken(accessToken: string): void
  /** Calls the listeners for events. */
  emit(event: TokenEvent): void
  /** How many providers have mounted it. */
  readonly mounts: number
}

const signedIn: TokenState = Object.freeze({
  status: "ready",
  scope: Object.freeze(["projects"]),
  refresh: Object.freeze({ phase: "idle" }),
})

/**
 * Makes a test client. Without `actions`, `login` signs in, `logout` signs out, `getAccessToken` returns the access token
 * if the user is signed in, and `fetch` rejects, so that no test uses a network by accident.
 */
export const createTestTokenClient = (options: TestTokenClientOptions = {}): TestTokenClient => {
  const { actions = {} } = options
  const listeners = new Set<() => void>()
  const observers = new Set<(event: TokenEvent) => void>()
  let state = options.state ?? signedIn
  let accessToken = options.accessToken ?? "test-access-token"
  let mounts = 0

  const tell = () => {
    for (const listener of [...listeners]) listener()
  }
  const setState = (next: TokenState) => {
    state = next
    tell()
  }
  return {
    getSnapshot: () => state,
    getServerSnapshot: () => restoring,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    mount: () => {
      let mounted = true
      mounts++
      return () => {
        if (mounted) mounts--
        mounted = false
      }
    },
    login: async () => setState(signedIn),
    logout: async () => setState({ status: "signedOut", reason: "logout" }),
    handleCallback: async () => ({ handled: false }),
    getAccessToken: async () => {
      if (isSignedIn(state)) return accessToken
      throw new LoginRequired({ reason: "noToken", key: "test" })
    },
    peekAccessToken: () => (state.status === "ready" ? accessToken : undefined),
    fetch: async () => {
      throw new Error(
        'The client for tests makes no request. Give it a fetch: actions={{ fetch: async () => new Response("…") }}.',
      )
    },
    authorizes: () => false,
    ...actions,
    subscribeEvents: (listener) => {
      observers.add(listener)
      return () => {
        observers.delete(listener)
      }
    },
    setState,
    setAccessToken: (next) => {
      accessToken = next
      tell()
    },
    emit: (event) => {
      for (const observer of [...observers]) observer(event)
    },
    get mounts() {
      return mounts
    },
  }
}
