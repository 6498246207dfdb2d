"use client"
/** The state, or a part of it, in a component. */
import type { TokenState } from "@ellipsis-oauth/core/promise"
import { useEffect, useMemo, useRef, useSyncExternalStore } from "react"
import type { TokenProviderClient } from "../client/TokenProviderClient.js"
import { useTokenClient } from "./TokenProvider.js"

/**
 * The state of the session. Renders at each change. The state contains no token.
 *
 * @throws Error where no provider is above
 */
export function useToken(): TokenState
/**
 * A part of the state. Renders only when that part changes, compared with `Object.is` if `isEqual` is left out. The
 * selector can be an inline function.
 *
 * @throws Error where no provider is above
 */
export function useToken<A>(
  selector: (state: TokenState) => A,
  isEqual?: (previous: A, next: A) => boolean,
): A
export function useToken<A>(
  selector?: (state: TokenState) => A,
  isEqual: (previous: A, next: A) => boolean = Object.is,
): A | TokenState {
  const client = useTokenClient()
  const committed = useRef<Selected<A | TokenState>>(undefined)
  const select: (state: TokenState) => A | TokenState = selector ?? whole
  const [subscribe, read, readServer] = useMemo(() => {
    const memoised = memoise(select, isEqual as IsEqual<A | TokenState>, committed)
    return [
      subscriber(client),
      () => memoised(client.getSnapshot()),
      () => memoised(client.getServerSnapshot()),
    ] as const
  }, [client, select, isEqual])
  const value = useSyncExternalStore(subscribe, read, readServer)
  useEffect(() => {
    committed.current = { value }
  }, [value])
  return value
}

interface Selected<A> {
  readonly value: A
}

type IsEqual<A> = (previous: A, next: A) => boolean

const whole = (state: TokenState): TokenState => state

/**
 * Selects once for each state, and returns the previous result as long as the new one is equal. An inline selector is new
 * at each render, so the result on the page is compared too.
 */
const memoise = <A>(
  select: (state: TokenState) => A,
  isEqual: IsEqual<A>,
  committed: { readonly current: Selected<A> | undefined },
) => {
  let last: (Selected<A> & { readonly state: TokenState }) | undefined
  return (state: TokenState): A => {
    if (last?.state === state) return last.value
    const next = select(state)
    const previous = last ?? committed.current
    last = { state, value: previous !== undefined && isEqual(previous.value, next) ? previous.value : next }
    return last.value
  }
}

export const subscriber =
  (client: TokenProviderClient) =>
  (listener: () => void): (() => void) =>
    client.subscribe(listener)
