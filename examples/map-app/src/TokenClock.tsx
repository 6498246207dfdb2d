import { useToken } from "@ellipsis-oauth/react"
import { useEffect, useState } from "react"

/** How long the access token is still good, and what its refresh is doing. Renders each second; nothing else does. */
export const TokenClock = () => {
  const phase = useToken((state) => ("refresh" in state ? state.refresh.phase : "idle"))
  const expiresAt = useToken((state) => (state.status === "ready" ? state.expiresAt : undefined))
  const now = useSeconds()
  const left = expiresAt === undefined ? undefined : Math.max(0, Math.ceil((expiresAt - now) / 1000))
  return (
    <span className="clock" data-phase={phase}>
      <span className="dot" aria-hidden="true" />
      {phase === "idle" ? "token" : words[phase]}
      {left !== undefined && (
        <time role="timer" dateTime={`PT${left}S`}>
          {`${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`}
        </time>
      )}
    </span>
  )
}

const words = {
  refreshing: "refreshing",
  waiting: "another tab refreshes",
  offline: "offline",
  failed: "will try again",
}

const useSeconds = (): number => {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return now
}
