"use client"
import { createBrowserTokenClient, TokenProvider } from "@ellipsis-oauth/react"
import type { ReactNode } from "react"

// Safe on the server too: making a client does nothing.
const client = createBrowserTokenClient({
  clientId: "your-client-id",
  redirectUri: "https://your.app/callback",
})

/** For `app/layout.tsx`: `<body><Providers>{children}</Providers></body>`. */
export const Providers = ({ children }: { children: ReactNode }) => (
  <TokenProvider client={client}>{children}</TokenProvider>
)
