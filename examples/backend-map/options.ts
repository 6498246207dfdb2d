import { join } from "node:path"
import type { MapOptions } from "example-map-app/server"
import { createBackend } from "./backend.js"

const registration = { clientId: "surface", clientSecret: "surface-secret" }

/** @param folder for the backend's store */
export const optionsFor = (folder: string): MapOptions => ({
  root: import.meta.dirname,
  client: { ...registration, callbackPath: "/auth/callback" },
  backend: ({ origin, mock, mapData }) =>
    createBackend({
      driveUrl: mock.url,
      mapDataUrl: mapData.origin,
      ...registration,
      redirectUri: `${origin}/auth/callback`,
      tokens: join(folder, "tokens.sqlite"),
      now: mock.clock.now,
    }),
})
