/** `pnpm example:nextjs-browser`: the mock server, and Next.js beside it. */
import { spawn } from "node:child_process"
import { createMockServer } from "@ellipsis-oauth/mock-server"

const origin = "http://localhost:3000"

const mock = await createMockServer({
  clients: [{ clientId: "demo-spa", redirectUris: [`${origin}/callback`] }],
  autoApprove: false, // a person does, on a page of the mock server
  rotation: { grace: "10 seconds" },
  cors: [origin],
}).listen({ port: 4400 })

const next = spawn("next", ["dev"], {
  stdio: "inherit",
  env: { NEXT_TELEMETRY_DISABLED: "1", ...process.env, NEXT_PUBLIC_DRIVE_URL: mock.url },
})
next.once("exit", (code) => process.exit(code ?? 1))
