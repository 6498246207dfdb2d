"use client"
/** The provider for the tests of components. */
import { type ReactNode, useEffect, useRef, useState } from "react"
import { TokenProvider } from "../react/TokenProvider.js"
import {
  createTestTokenClient,
  type TestTokenClient,
  type TestTokenClientOptions,
} from "./TestTokenClient.js"

/** The options of `TestTokenProvider`. */
export interface TestTokenProviderProps extends TestTokenClientOptions {
  /** The test's own client, to set its state later. The other properties are then left out. */
  readonly client?: TestTokenClient
  readonly children?: ReactNode
}

/**
 * Renders components in any state, without a network. If `state` or `accessToken` changes in a later render, the components
 * are updated as with a real client. `actions` are those of the first render.
 */
export const TestTokenProvider = (props: TestTokenProviderProps): ReactNode => {
  const { client, children, ...options } = props
  const { state, accessToken } = options
  const [own] = useState(() => createTestTokenClient(options))
  // An inline state is a new object at each render, but the same state.
  const text = JSON.stringify(state)
  const told = useRef({ text, accessToken })
  useEffect(() => {
    const before = told.current
    told.current = { text, accessToken }
    if (accessToken !== undefined && accessToken !== before.accessToken) own.setAccessToken(accessToken)
    if (state !== undefined && text !== before.text) own.setState(state)
  })
  return <TokenProvider client={client ?? own}>{children}</TokenProvider>
}
