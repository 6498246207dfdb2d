import { defineConfig } from "vite"

const backend = "http://localhost:3000"

/** `server.proxy` stands beside the plugins that the app's own configuration has. */
export default defineConfig({
  server: { proxy: { "/auth": backend, "/api": backend } },
})
