/**
 * `memory REQUESTS SECONDS`: the heap over so many refreshes in process, every token rotated, and over a run on a socket;
 * a line of JSON for each. Run with --expose-gc.
 */
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

const report = (name: string, figures: readonly number[]): void => {
  console.log(JSON.stringify({ name, figures }))
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
