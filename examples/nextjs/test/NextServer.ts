/** A real Next.js server of the example, in development, with a mock server beside it. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:http"
import { createRequire } from "node:module"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { createMockServer, type MockServer } from "@ellipsis-oauth/mock-server"

export interface NextServer extends AsyncDisposable {
  readonly origin: string
  readonly mock: MockServer
}

export const startNext = async (): Promise<NextServer> => {
  await using stack = new AsyncDisposableStack()
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const mock = stack.use(
    createMockServer({
      clients: [
        { clientId: "demo-app", clientSecret: "demo-secret", redirectUris: [`${origin}/auth/callback`] },
      ],
      rotation: "always",
      cors: [origin],
    }),
  )
  await mock.listen()
  const folder = stack.adopt(await mkdtemp(join(tmpdir(), "nextjs-")), (path) =>
    rm(path, { recursive: true }),
  )
  const env = {
    NEXT_PUBLIC_DRIVE_URL: mock.url,
    NEXT_TELEMETRY_DISABLED: "1",
    REDIRECT_URI: `${origin}/auth/callback`,
    TOKENS: join(folder, "tokens.sqlite"),
  }
  await isReady(stack.adopt(spawnNext(port, env), end))
  const everything = stack.move()
  return { origin, mock, [Symbol.asyncDispose]: () => everything.disposeAsync() }
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, "close")
  return port
}

const spawnNext = (port: number, env: Readonly<Record<string, string>>): ChildProcess => {
  const { PATH, HOME } = process.env
  const next = createRequire(import.meta.url).resolve("next/dist/bin/next")
  return spawn(process.execPath, [next, "dev", "--webpack", "--port", String(port)], {
    cwd: dirname(import.meta.dirname),
    // Not this process's: Next.js would take its NODE_ENV, which is "test".
    env: { PATH, HOME, NODE_ENV: "development", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    // It starts processes of its own, which end with its group.
    detached: true,
  })
}

const isReady = (server: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    let printed = ""
    const read = (chunk: Buffer) => {
      printed += chunk
      if (printed.includes("Ready in")) resolve()
    }
    server.stdout?.on("data", read)
    server.stderr?.on("data", read)
    server.once("exit", (code) => reject(new Error(`Next.js ended with ${code}:\n${printed}`)))
  })

const end = async (server: ChildProcess): Promise<void> => {
  if (server.pid === undefined || server.exitCode !== null) return
  const ended = once(server, "exit")
  process.kill(-server.pid, "SIGKILL")
  await ended
}
