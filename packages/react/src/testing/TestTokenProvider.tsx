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
  /** A client of the test's own, to set its state later; the other properties are then left out. */
  readonly client?: TestTokenClient
  readonly children?: ReactNode
}

/**
 * Puts components into any state, without a network. A `state` or `accessToken` that changes with a later render is
 * told to the components as a client would; `actions` are those of the first render.
 */
export const TestTokenProvider = (props: TestTokenProviderProps): ReactNode => {
  const { client, children, ...options } = props
  const { state, accessToken } = options
  const [own] = useState(() => createTestTokenClient(options))
  // A state that is written in place is a new object with each render, and no other state.
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
