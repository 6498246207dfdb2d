/** A part of an app that is loaded when a route needs it, with the client in it. */
import type { ReactNode } from "react"
import { TokenProvider } from "../../src/index.js"
import { makeClient } from "./site.js"

const client = makeClient()

export const LateProvider = ({ children }: { children: ReactNode }) => (
  <TokenProvider client={client}>{children}</TokenProvider>
)
