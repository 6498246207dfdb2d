"use client"
/** The client's events, for logs and messages. */
import type { TokenEvent } from "@ellipsis-oauth/core/promise"
import { useEffect, useRef } from "react"
import { useTokenClient } from "./TokenProvider.js"

/**
 * Calls the listener for each event of the client while the component is on the page: a refresh that failed, a
 * sign-out in another tab. The listener can be an inline function. Events contain no secret. Never renders.
 *
 * @throws Error where no provider is above
 */
export const useTokenEvents = (listener: (event: TokenEvent) => void): void => {
  const client = useTokenClient()
  const latest = useRef(listener)
  useEffect(() => {
    latest.current = listener
  })
  useEffect(() => client.subscribeEvents((event) => latest.current(event)), [client])
}
