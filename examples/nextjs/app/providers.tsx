"use client"
import { createBackendTokenClient, TokenProvider } from "@ellipsis-oauth/react"
import type { ReactNode } from "react"
import { driveUrl } from "./drive"

// Safe on the server too: making a client does nothing.
const client = createBackendTokenClient({ basePath: "/auth", apiOrigins: [new URL(driveUrl).origin] })

export const Providers = ({ children }: { children: ReactNode }) => (
  <TokenProvider client={client}>{children}</TokenProvider>
)
