/**
 * The heap over a million refreshes in process, every token rotated, and over a long run on a socket: prints it and
 * writes it to results/mock-server-memory.md. Run with --expose-gc. Fails if either heap keeps growing.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { createMockServer } from "@ellipsis-oauth/mock-server"
import { buildPrograms, runProgram } from "./programs.ts"

const collect = globalThis.gc
if (collect === undefined) throw new Error("run with node --expose-gc")

const requests = Number(process.argv[2] ?? 1_000_000)
const seconds = Number(process.argv[3] ?? 60)
const clients = 100
const parts = 10
const client = { client_id: "demo-app", client_secret: "demo-secret" }

const heap = () => {
  for (let i = 0; i < 3; i++) collect()
  return process.memoryUsage().heapUsed / 1_000_000
}

const lines: string[] = []

const report = (name: string, figures: readonly number[]): void => {
  const line = `${name}: ${figures.map((figure) => figure.toFixed(1)).join(", ")} MB`
  console.log(line)
  lines.push(line)
  const most = (part: readonly number[]) => Math.max(...part)
  // The first tenth fills the bounded collections. After that, a leak shows in the last figures.
  const settled = figures.slice(figures.length / 5)
  const middle = Math.floor(settled.length / 2)
  if (most(settled.slice(middle)) > most(settled.slice(0, middle)) * 1.05) process.exitCode = 1
}

const login = (server: ReturnType<typeof createMockServer>): string => {
  const { code } = server.authorize({ clientId: client.client_id })
  return String(
    new URLSearchParams({ grant_type: "authorization_code", authorization_code: code, ...client }),
  )
}

const inProcess = async () => {
  await using server = createMockServer({ rotation: "always" })
  const post = async (body: string): Promise<string> => {
    const response = await server.fetch(`${server.url}/oauth/token`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body,
    })
    const { refresh_token } = (await response.json()) as { refresh_token?: string }
    if (refresh_token === undefined) throw new Error(`refused: ${server.log.at(-1)?.reason}`)
    return `grant_type=refresh_token&refresh_token=${refresh_token}&client_id=demo-app&client_secret=demo-secret`
  }
  const grants = await Promise.all(Array.from({ length: clients }, () => post(login(server))))
  const figures: number[] = []
  for (let i = 1; i <= requests; i++) {
    grants[i % clients] = await post(grants[i % clients] ?? "")
    if (i % (requests / parts) === 0) figures.push(heap())
  }
  report(`after each ${requests / parts} refreshes in process`, figures)
}

const onSocket = async () => {
  await using server = await createMockServer({ rotation: "always" }).listen()
  const figures: number[] = []
  let sent = 0
  for (let part = 0; part < parts; part++) {
    const logins = Array.from({ length: 50 }, () => login(server))
    const running = JSON.stringify({ url: `${server.url}/oauth/token`, logins })
    const result = await runProgram<{ readonly perSecond: number; readonly failed: number }>(
      "load",
      running,
      "50",
      String(seconds / parts),
    )
    if (result.failed > 0) throw new Error(`${result.failed} requests failed`)
    sent += result.perSecond * (seconds / parts)
    figures.push(heap())
  }
  report(`over ${Math.round(sent)} refreshes on a socket in ${seconds} s`, figures)
}

buildPrograms()
await inProcess()
await onSocket()

const folder = join(import.meta.dirname, "../../results")
mkdirSync(folder, { recursive: true })
writeFileSync(
  join(folder, "mock-server-memory.md"),
  `# The mock server's memory

${new Date().toISOString().slice(0, 10)}, Node.js ${process.version}. To repeat: \`pnpm bench:mock-server\`.

Heap in use after a garbage collection, while every refresh rotates its token.

${lines.map((line) => `- ${line}`).join("\n")}
`,
)
