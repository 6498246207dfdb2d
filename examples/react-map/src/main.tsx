import { createBrowserTokenClient, ellipsisDrive } from "@ellipsis-oauth/react"
import { renderMapApp } from "example-map-app"

const { VITE_DRIVE_URL, VITE_MAP_DATA_URL } = import.meta.env

renderMapApp({
  client: createBrowserTokenClient({
    clientId: "surface",
    redirectUri: `${location.origin}/callback`,
    server: ellipsisDrive({ baseUrl: VITE_DRIVE_URL }),
    apiOrigins: [new URL(VITE_DRIVE_URL).origin, VITE_MAP_DATA_URL],
    // Other tabs, and this one after a restart, are signed in too.
    storage: "local",
    persistRefreshToken: true,
  }),
  sources: {
    account: `${VITE_DRIVE_URL}/account`,
    stations: `${VITE_MAP_DATA_URL}/stations`,
    tiles: `${VITE_MAP_DATA_URL}/tiles/{z}/{x}/{y}.png`,
    drive: VITE_DRIVE_URL,
  },
  way: "Signs in from the browser, with PKCE",
  popup: true,
})
