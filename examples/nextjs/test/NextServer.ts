/** A real Next.js server of an example, in development or as it is deployed, with a mock server beside it. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:http"
import { createRequire } from "node:module"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createMockServer, type MockServer } from "@ellipsis-oauth/mock-server"
import type { Page } from "playwright-core"

export interface NextServer extends AsyncDisposable {
  readonly origin: string
  readonly mock: MockServer
}

export interface NextServerOptions {
  /** Of the example. */
  readonly folder: string
  /** `next dev`, or `next build` and then `next start`. */
  readonly mode: "dev" | "start"
  /** Where the user comes back to. */
  readonly redirectPath: string
  readonly client: { readonly clientId: string; readonly clientSecret?: string }
}

export const startNext = async (options: NextServerOptions): Promise<NextServer> => {
  const { folder, mode, redirectPath, client } = options
  await using stack = new AsyncDisposableStack()
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const redirectUri = origin + redirectPath
  const mock = stack.use(
    createMockServer({
      clients: [{ ...client, redirectUris: [redirectUri] }],
      rotation: "always",
      cors: [origin],
    }),
  )
  await mock.listen()
  const data = stack.adopt(await mkdtemp(join(tmpdir(), "nextjs-")), (path) => rm(path, { recursive: true }))
  const { PATH, HOME } = process.env
  const env = {
    // Not this process's: Next.js would take its NODE_ENV, which is "test".
    PATH,
    HOME,
    NODE_ENV: mode === "dev" ? ("development" as const) : ("production" as const),
    NEXT_TELEMETRY_DISABLED: "1",
    NEXT_PUBLIC_ELLIPSIS_OAUTH_BASE_URL: mock.url,
    NEXT_PUBLIC_ELLIPSIS_OAUTH_REDIRECT_URI: redirectUri,
    ELLIPSIS_OAUTH_REDIRECT_URI: redirectUri,
    TOKENS: join(data, "tokens.sqlite"),
  }
  const next = (...parameters: string[]) =>
    stack.adopt(
      spawn(process.execPath, [createRequire(import.meta.url).resolve("next/dist/bin/next"), ...parameters], {
        cwd: folder,
        env,
        stdio: ["ignore", "pipe", "pipe"],
        // It starts processes of its own, which end with its group.
        detached: true,
      }),
      end,
    )
  if (mode === "start") await succeeds(next("build"))
  await isReady(next(mode, "--port", String(port)))
  const everything = stack.move()
  return { origin, mock, [Symbol.asyncDispose]: () => everything.disposeAsync() }
}

/** Builds the packages: Next.js cannot be told to use their sources. */
export const buildPackages = (): Promise<void> =>
  succeeds(
    spawn(
      process.execPath,
      [
        createRequire(import.meta.resolve("../../../package.json")).resolve("turbo/bin/turbo"),
        "run",
        "build",
        "--filter=@ellipsis-oauth/node",
        "--filter=@ellipsis-oauth/react",
        "--output-logs=errors-only",
      ],
      { cwd: join(import.meta.dirname, "../../.."), stdio: ["ignore", "pipe", "pipe"] },
    ),
  )

/** Errors and warnings of the page, including a failed hydration. */
export const complaintsOf = (page: Page): readonly string[] => {
  const complaints: string[] = []
  page.on("pageerror", (error) => complaints.push(String(error)))
  page.on("console", (message) => {
    const isExpected = message.text().includes("401") // the page asks whether a user is signed in: no
    if (["warning", "error"].includes(message.type()) && !isExpected) complaints.push(message.text())
  })
  return complaints
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, "close")
  return port
}

const printedBy = (program: ChildProcess, read: (printed: string) => void = () => {}) => {
  let printed = ""
  const add = (chunk: Buffer) => {
    printed += chunk
    read(printed)
  }
  program.stdout?.on("data", add)
  program.stderr?.on("data", add)
  return () => printed
}

const isReady = (server: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    const printed = printedBy(server, (text) => text.includes("Ready in") && resolve())
    server.once("exit", (code) => reject(new Error(`Next.js ended with ${code}:\n${printed()}`)))
  })

const succeeds = async (program: ChildProcess): Promise<void> => {
  const printed = printedBy(program)
  const [code] = await once(program, "exit")
  if (code !== 0) throw new Error(`${program.spawnargs.join(" ")} ended with ${code}:\n${printed()}`)
}

const end = async (server: ChildProcess): Promise<void> => {
  if (server.pid === undefined || server.exitCode !== null || server.signalCode !== null) return
  const ended = once(server, "exit")
  process.kill(-server.pid, "SIGKILL")
  await ended
}
