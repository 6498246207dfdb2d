import { useTokenEvents } from "@ellipsis-oauth/react"
import { useState } from "react"

export const SignedOutElsewhere = () => {
  const [isShown, setIsShown] = useState(false)
  useTokenEvents((event) => {
    if (event.type === "signedOut" && event.reason === "elsewhere") setIsShown(true)
    if (event.type === "refreshFailed") console.warn(event.error.message)
  })
  return isShown ? <p role="status">You signed out in another tab.</p> : null
}
