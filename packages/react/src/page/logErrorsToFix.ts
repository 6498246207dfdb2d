/** Writes errors that only the developer can remove to the console, because a page shows no more than their `userMessage`. */
import { isSignedIn, type TokenState } from "@ellipsis-oauth/core/promise"

interface Shown {
  getSnapshot(): TokenState
  subscribe(listener: () => void): () => void
}

/** Logs each such error once, from the call of the returned function until that of the function which it returns. */
export const logErrorsToFix = ({ getSnapshot, subscribe }: Shown): (() => () => void) => {
  let logged: string | undefined
  const look = () => {
    const error = errorOf(getSnapshot())
    // The app's own call has rejected with a ConfigurationError.
    if (error?.action !== "fix" || error._tag === "ConfigurationError" || error.message === logged) return
    logged = error.message
    console.error(`${error._tag}: ${error.message}`)
  }
  return () => {
    look()
    return subscribe(look)
  }
}

const errorOf = (state: TokenState) => {
  if (isSignedIn(state)) return state.refresh.phase === "failed" ? state.refresh.error : undefined
  return state.status === "signedOut" ? state.error : undefined
}
