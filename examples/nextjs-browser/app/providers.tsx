"use client"
import { createBrowserTokenClient, ellipsisDrive } from "@ellipsis-oauth/react"
import { NextTokenProvider } from "@ellipsis-oauth/react/next"
import type { ReactNode } from "react"

// Next.js writes the variables into the script where they are read by name. Safe on the server too.
const client = createBrowserTokenClient({
  clientId: process.env.NEXT_PUBLIC_ELLIPSIS_OAUTH_CLIENT_ID ?? "demo-spa",
  redirectUri: process.env.NEXT_PUBLIC_ELLIPSIS_OAUTH_REDIRECT_URI ?? "http://localhost:3000/callback",
  server: ellipsisDrive({ baseUrl: process.env.NEXT_PUBLIC_ELLIPSIS_OAUTH_BASE_URL }),
})

export const Providers = ({ children }: { children: ReactNode }) => (
  <NextTokenProvider client={client}>{children}</NextTokenProvider>
)
