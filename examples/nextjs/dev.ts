/** `pnpm example:nextjs`: the mock server, and Next.js beside it. */
import { spawn } from "node:child_process"
import { createMockServer } from "@ellipsis-oauth/mock-server"

const port = Number(process.env.PORT ?? 3000)
const mockPort = Number(process.env.MOCK_PORT ?? 4400)
const origin = `http://localhost:${port}`

const mock = createMockServer({
  clients: [{ clientId: "demo-app", clientSecret: "demo-secret", redirectUris: [`${origin}/auth/callback`] }],
  autoApprove: false, // a person does, on a page of the mock server
  rotation: { grace: "10 seconds" },
})
try {
  await mock.listen({ port: mockPort })
} catch (error) {
  if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error
  console.error(
    `Port ${mockPort} is taken. End the program that has it, or choose other ports: PORT=3100 MOCK_PORT=4500.`,
  )
  process.exit(1)
}

// With its port named, Next.js says so and ends where it is taken. It would move to another one, which is not registered.
const next = spawn("next", ["dev", "--port", String(port)], {
  stdio: "inherit",
  env: {
    NEXT_TELEMETRY_DISABLED: "1",
    ...process.env,
    NEXT_PUBLIC_ELLIPSIS_OAUTH_BASE_URL: mock.url,
    ELLIPSIS_OAUTH_REDIRECT_URI: `${origin}/auth/callback`,
  },
})
next.once("exit", (code) => process.exit(code ?? 1))
