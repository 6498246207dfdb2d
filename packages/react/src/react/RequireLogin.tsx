"use client"
/** A part of the app that requires a login, and starts one by itself where a user expects that. */
import { isSignedIn, isTokenError, type TokenError } from "@ellipsis-oauth/core/promise"
import { type ReactNode, useEffect, useState } from "react"
import type { TokenProviderClient } from "../client/TokenProviderClient.js"
import { readItem, setItem } from "../page/webStorage.js"
import { type SignedOutState, TokenGate, type TokenGateProps } from "./TokenGate.js"
import { otherClients, useTokenClient } from "./TokenProvider.js"

/** Those of a `TokenGate`. */
export interface RequireLoginProps extends TokenGateProps {
  /** Shown while it is not known yet whether a user is signed in, and while the page leaves for the login. */
  readonly fallback?: ReactNode
  /**
   * Shown if no login starts by itself: after a sign-out, here or in another tab, and after a login that failed or was
   * left. It must offer the login. A button with the error above it if left out.
   */
  readonly signedOut?: TokenGateProps["signedOut"]
}

/**
 * A `TokenGate` that starts a login by redirect if the user has not signed in yet or the session has ended, and comes back
 * to this page. All of them on a page start one login together, and none while the page is hidden or a client of another
 * provider is in a login by redirect. While such a client is `restoring`, they wait for 15 seconds at most.
 *
 * @throws Error where no provider is above
 */
export const RequireLogin = (props: RequireLoginProps): ReactNode => {
  const { fallback, signedOut = (state) => <LoginOffer state={state} /> } = props
  return (
    <TokenGate
      {...props}
      signedOut={(state) => <BeginLogin state={state} fallback={fallback} signedOut={signedOut} />}
    />
  )
}

interface BeginLoginProps extends Required<Pick<RequireLoginProps, "fallback" | "signedOut">> {
  readonly state: SignedOutState
}

const BeginLogin = ({ state, fallback, signedOut }: BeginLoginProps): ReactNode => {
  const client = useTokenClient()
  const [ended, setEnded] = useState<EndedLogin>()
  const isDue = needsLogin(state) && ended?.state !== state && client.hasLoggedOut?.() !== true
  useEffect(() => {
    if (!isDue) return
    const listening = new AbortController()
    let waitsForRestore = true
    const isBusy = (other: TokenProviderClient) =>
      isInLogin(other) || (waitsForRestore && other.getSnapshot().status === "restoring")
    // A tab in the background waits, because the user may complete the login in another tab first.
    const begin = () => {
      if (document.hidden || listening.signal.aborted || otherClients(client).some(isBusy)) return
      const end = (error?: unknown) => {
        if (!listening.signal.aborted) setEnded({ state, error: isTokenError(error) ? error : undefined })
      }
      beginOnce(client).then(() => end(), end)
    }
    document.addEventListener("visibilitychange", begin, listening)
    // After it has gone back to where its own login leads.
    const unsubscribes = otherClients(client).map((other) => other.subscribe(() => setTimeout(begin)))
    const timer = setTimeout(() => {
      waitsForRestore = false
      begin()
    }, maxRestoreWait)
    begin()
    return () => {
      listening.abort()
      clearTimeout(timer)
      for (const unsubscribe of unsubscribes) unsubscribe()
    }
  }, [client, state, isDue])
  if (isDue || (state.status === "signingIn" && state.method === "redirect")) return fallback
  if (typeof signedOut !== "function") return signedOut
  const { error } = ended?.state === state ? ended : {}
  return signedOut(error !== undefined && state.status === "signedOut" ? { ...state, error } : state)
}

/** A login that was started in this state, and ended without a change of it. */
interface EndedLogin {
  readonly state: SignedOutState
  readonly error: TokenError | undefined
}

/** Whether a login may start by itself: the user did not sign out, and no login has failed. */
const needsLogin = (state: SignedOutState): boolean =>
  state.status === "signedOut" &&
  state.reason !== "logout" &&
  state.reason !== "elsewhere" &&
  // LoginRequired only says that there is no token.
  (state.error === undefined || state.error._tag === "LoginRequired")

/** To leave the page now would lose the login of this client, or the way to it. */
const isInLogin = (client: TokenProviderClient): boolean => {
  const state = client.getSnapshot()
  if (state.status === "signingIn") return state.method === "redirect"
  return state.status === "exchanging"
}

/**
 * How long to wait for another client that is restoring, in milliseconds. It may have the response to a login, and its
 * storage may need 11 seconds to fail. A client over a backend that cannot be reached is restoring for as long as that.
 */
const maxRestoreWait = 15_000

/** The login that was started since the user was last signed in. */
const begun = new WeakMap<TokenProviderClient, Promise<void>>()

/** Starts one login for all components on the page, also in StrictMode, which runs effects twice. */
const beginOnce = (client: TokenProviderClient): Promise<void> => {
  const known = begun.get(client)
  if (known !== undefined) return known
  // The clients of a test keep nothing in the browser: one test must not count the logins of another.
  const counts = client.hasLoggedOut !== undefined
  const recent = counts ? recentLogins() : []
  const login = recent.length < maxLogins ? client.login() : Promise.resolve()
  // Counts only logins that leave the page, because only they can lead the user in circles.
  if (counts && client.getSnapshot().status === "signingIn") {
    setItem("session", storedLogins, [...recent, Date.now()])
  }
  const unsubscribe = client.subscribe(() => {
    if (!isSignedIn(client.getSnapshot())) return
    begun.delete(client)
    unsubscribe()
  })
  begun.set(client, login)
  return login
}

const storedLogins = "ellipsis-oauth RequireLogin"

/** If tokens expire at once, or an API refuses every token, the user must not be sent to log in again and again. */
const maxLogins = 3

/** The start times of this tab's logins within the last minute, in milliseconds since the epoch. */
const recentLogins = (): readonly number[] => {
  const stored = readItem("session", storedLogins)
  const isRecent = (at: unknown): at is number => typeof at === "number" && Math.abs(Date.now() - at) < 60_000
  return Array.isArray(stored) ? stored.filter(isRecent) : []
}

const LoginOffer = ({ state }: { readonly state: SignedOutState }): ReactNode => {
  const client = useTokenClient()
  const [failure, setFailure] = useState<TokenError>()
  const error = (state.status === "signedOut" ? state.error : undefined) ?? failure
  const login = () => {
    client.login().catch((reason) => setFailure(isTokenError(reason) ? reason : undefined))
  }
  return (
    <>
      {error !== undefined && error._tag !== "LoginRequired" && <p role="alert">{error.userMessage}</p>}
      <button type="button" onClick={login}>
        Sign in
      </button>
    </>
  )
}
