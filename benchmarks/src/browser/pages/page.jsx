/** What every page has: a root, and a consumer that counts how often it is mounted and rendered. */
import { StrictMode, useEffect, useRef } from "react"
import { createRoot } from "react-dom/client"

/** Given by the server of the page. */
export const settings = window.settings

export const start = (app) => {
  createRoot(document.getElementById("root")).render(settings.strict ? <StrictMode>{app}</StrictMode> : app)
}

window.counts = { mounts: 0, renders: 0 }

/** Shows that a user is signed in, and nothing of the token. */
export const Consumer = ({ useSignedIn }) => {
  const isSignedIn = useSignedIn()
  const isMounted = useRef(false)
  window.counts.renders++
  useEffect(() => {
    if (!isMounted.current) window.counts.mounts++
    isMounted.current = true
  }, [])
  return <i>{String(isSignedIn)}</i>
}

/** What the page shows of the login. */
export const State = ({ children }) => <output>{children}</output>
