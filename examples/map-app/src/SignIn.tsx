import { type LoginOptions, type SignedOutState, useTokenActions } from "@ellipsis-oauth/react"
import { useState } from "react"
import { userMessage } from "./userMessage.js"

export interface SignInProps {
  readonly state: SignedOutState
  readonly popup: boolean
}

export const SignIn = ({ state, popup }: SignInProps) => {
  const { login } = useTokenActions()
  const [failure, setFailure] = useState<string>()
  const isBusy = state.status === "signingIn"
  const start = (method: LoginOptions["method"]) => {
    setFailure(undefined)
    login(method === undefined ? {} : { method }).catch((error: Error) => setFailure(userMessage(error)))
  }
  const message = failure ?? ("error" in state ? state.error?.userMessage : undefined)
  return (
    <section className="card signin" aria-labelledby="signin">
      <h2 id="signin">The sea, by degrees</h2>
      <p>
        This map has a layer of surface temperatures and ten buoys behind a login. Sign in to see what lies
        over the outlines.
      </p>
      {message !== undefined && (
        <p className="failure" role="alert">
          {message}
        </p>
      )}
      <div className="buttons">
        <button type="button" className="primary" disabled={isBusy} onClick={() => start(undefined)}>
          {isBusy ? "Signing in…" : "Sign in"}
        </button>
        {popup && (
          <button type="button" disabled={isBusy} onClick={() => start("popup")}>
            In a window
          </button>
        )}
      </div>
      {state.status === "signedOut" && state.reason in reasons && (
        <p className="note">{reasons[state.reason as keyof typeof reasons]}</p>
      )}
    </section>
  )
}

const reasons = {
  logout: "You signed out.",
  elsewhere: "You signed out in another tab.",
  expired: "Your last login has ended.",
  revoked: "Your last login was revoked.",
}
