/** `pnpm --filter example-auth-routes start express`: a sample, and the mock server beside it. */
import { createMockServer } from "@ellipsis-oauth/mock-server"

const samples = ["express", "fastify", "hono", "nodeHttp"]
const [, , sample = "express"] = process.argv
if (!samples.includes(sample))
  throw new Error(`There is no sample "${sample}". Take one of ${samples.join(", ")}.`)

const { PORT = "3000", MOCK_PORT = "4400" } = process.env
const origin = `http://localhost:${PORT}`

process.on("uncaughtException", (error: NodeJS.ErrnoException & { readonly port?: number }) => {
  console.error(
    error.code === "EADDRINUSE"
      ? `Port ${error.port} is taken. End the program that has it, or choose other ports: PORT=3100 MOCK_PORT=4500.`
      : error,
  )
  process.exit(1)
})

const mock = await createMockServer({ autoApprove: false }).listen({ port: Number(MOCK_PORT) })
Object.assign(process.env, {
  ELLIPSIS_OAUTH_BASE_URL: mock.url,
  ELLIPSIS_OAUTH_CLIENT_ID: "demo-app",
  ELLIPSIS_OAUTH_CLIENT_SECRET: "demo-secret",
  ELLIPSIS_OAUTH_REDIRECT_URI: `${origin}/auth/callback`,
})
await import(`./${sample}.js`)
console.log(`
  Log in            ${origin}/auth/login
  The account       ${origin}/api/account
  The mock server   ${new URL(mock.url).origin}   (expire or revoke the tokens here, and load the account again)
`)
