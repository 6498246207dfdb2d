"use client"
import { useRouter } from "next/navigation"
import { useEffect } from "react"

/** Goes on at once, in the browser: a `redirect` on the server would take the code of a login away. */
const Start = () => {
  const { replace } = useRouter()
  useEffect(() => replace("/home"), [replace])
  return <main>One moment…</main>
}

export default Start
