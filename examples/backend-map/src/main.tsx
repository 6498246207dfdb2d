import { createBackendTokenClient } from "@ellipsis-oauth/react"
import { renderMapApp } from "example-map-app"

const { VITE_DRIVE_URL, VITE_MAP_DATA_URL } = import.meta.env

renderMapApp({
  client: createBackendTokenClient({
    basePath: "/auth",
    apiOrigins: [new URL(VITE_DRIVE_URL).origin, VITE_MAP_DATA_URL],
  }),
  sources: {
    // Of this app's own backend, which calls the API for the user.
    account: "/api/account",
    stations: "/api/stations",
    tiles: `${VITE_MAP_DATA_URL}/tiles/{z}/{x}/{y}.png`,
    drive: VITE_DRIVE_URL,
  },
  way: "Signs in through its own backend",
})
