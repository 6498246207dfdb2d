import { useSyncExternalStore } from "react"

const subscribe = (listener: () => void) => {
  addEventListener("online", listener)
  addEventListener("offline", listener)
  return () => {
    removeEventListener("online", listener)
    removeEventListener("offline", listener)
  }
}

export const OfflineNotice = () => {
  const isOnline = useSyncExternalStore(subscribe, () => navigator.onLine)
  return (
    <p className="offline" role="status" hidden={isOnline}>
      <strong>You are offline.</strong> The map keeps what it has, and you stay signed in.
    </p>
  )
}
