"use client"
/** Shows a part of the app to users who are signed in. */
import { isSignedIn, type TokenState } from "@ellipsis-oauth/core/promise"
import type { ReactNode } from "react"
import { useToken } from "./useToken.js"

/** The states in which a user has to log in, or is about to. */
export type SignedOutState = Extract<TokenState, { readonly status: "signedOut" | "signingIn" }>

/** The options of `TokenGate`. */
export interface TokenGateProps {
  /** Shown while it is not known yet: on a server, while the token is restored, and while a code is exchanged. */
  readonly fallback?: ReactNode
  /** Shown to a user who is not signed in. A function gets the state, with the reason and the error. */
  readonly signedOut?: ReactNode | ((state: SignedOutState) => ReactNode)
  /** The scope that the token must have: one string with spaces, or a list. */
  readonly scope?: string | readonly string[]
  /** Shown for a token without that scope. A function gets the missing scopes. */
  readonly insufficientScope?: ReactNode | ((missing: readonly string[]) => ReactNode)
  readonly children?: ReactNode
}

/**
 * Shows its children to users who are signed in. They stay during a refresh, after the token has expired and after a
 * failure, so nothing that a person has typed is lost. The scope of an expired token is not checked. It is not a
 * protection: the API must check the token.
 *
 * @throws Error where no provider is above
 */
export const TokenGate = (props: TokenGateProps): ReactNode => {
  const { fallback, signedOut, scope = [], insufficientScope, children } = props
  const required = typeof scope === "string" ? scope.split(" ").filter(Boolean) : scope
  // Renders only at a sign-in and a sign-out, not at a refresh.
  const closed = useToken((state) => (isSignedIn(state) ? undefined : state))
  const missing = useToken((state) =>
    state.status === "ready" ? required.filter((part) => !state.scope.includes(part)).join(" ") : "",
  )
  if (closed?.status === "signedOut" || closed?.status === "signingIn") {
    return typeof signedOut === "function" ? signedOut(closed) : signedOut
  }
  if (closed !== undefined) return fallback
  if (missing === "") return children
  return typeof insufficientScope === "function" ? insufficientScope(missing.split(" ")) : insufficientScope
}
