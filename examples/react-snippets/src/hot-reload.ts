import { type BrowserTokenClient, createBrowserTokenClient } from "@ellipsis-oauth/react"

/** Vite runs this module again when it is edited: it then takes the client of its last run. */
const kept: BrowserTokenClient | undefined = import.meta.hot?.data.client

export const client =
  kept ?? createBrowserTokenClient({ clientId: "your-client-id", redirectUri: "https://your.app/callback" })

if (import.meta.hot) import.meta.hot.data.client = client
