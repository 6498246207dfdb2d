"use client"
/** Shows a part of the app to those who are signed in. */
import { isSignedIn, type TokenState } from "@ellipsis-oauth/core/promise"
import type { ReactNode } from "react"
import { useToken } from "./useToken.js"

/** The states in which a user has to log in, or is about to. */
export type SignedOutState = Extract<TokenState, { readonly status: "signedOut" | "signingIn" }>

/** The options of `TokenGate`. */
export interface TokenGateProps {
  /** While it is not known yet: on a server, while the token is restored, and while a code is exchanged. */
  readonly fallback?: ReactNode
  /** For a user who is not signed in; as a function it is given the state, with the reason and the error. */
  readonly signedOut?: ReactNode | ((state: SignedOutState) => ReactNode)
  /** What the token has to be good for: one string with spaces, or a list. */
  readonly scope?: string | readonly string[]
  /** For a token without that scope; as a function it is given what is missing. */
  readonly insufficientScope?: ReactNode | ((missing: readonly string[]) => ReactNode)
  readonly children?: ReactNode
}

/**
 * Shows its children to those who are signed in. A refresh, a token that has expired and a failure never take them
 * away, so nothing that a person has typed is lost; while the token is expired, its scope is not looked at. It is a
 * convenience, and no protection: that is what the API does.
 *
 * @throws Error where no provider is above
 */
export const TokenGate = (props: TokenGateProps): ReactNode => {
  const { fallback, signedOut, scope = [], insufficientScope, children } = props
  const required = typeof scope === "string" ? scope.split(" ").filter(Boolean) : scope
  // Renders on the way in and out, and not when a token is refreshed.
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
