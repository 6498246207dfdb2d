import type { MapOptions } from "example-map-app/server"

export const options: MapOptions = {
  root: import.meta.dirname,
  client: { clientId: "surface", callbackPath: "/callback" },
}
