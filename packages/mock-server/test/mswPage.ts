/** MSW in a browser: one login, with refresh and faults. The result is in `globalThis.outcome`. */
import { setupWorker } from "msw/browser"
import { createMockServer } from "../src/index.js"
import { mswHandlers } from "../src/msw.js"

const hosted = "https://api.ellipsis-drive.com/v3"

const run = async () => {
  const server = createMockServer({ rotation: { grace: "30 seconds" } })
  const worker = setupWorker(...mswHandlers(server))
  await worker.start({ quiet: true })

  const responses: unknown[] = []
  const post = async (parameters: Record<string, string>): Promise<Record<string, string>> => {
    try {
      const body = new URLSearchParams({ client_id: "demo-spa", ...parameters })
      const response = await fetch(`${hosted}/oauth/token`, { method: "POST", body })
      responses.push(response.status)
      return JSON.parse(await response.text())
    } catch (error) {
      responses.push(error instanceof Error ? error.name : error)
      return {}
    }
  }
  const { code } = server.authorize({ clientId: "demo-spa" })
  const { refresh_token = "" } = await post({ grant_type: "authorization_code", authorization_code: code })
  const refresh = () => post({ grant_type: "refresh_token", refresh_token })

  const lost = { at: "afterCommit", wire: "reset" } as const
  server.faults.next("token", { wire: "reset" }, { wire: "close" }, lost, { wire: "closeInBody" })
  for (let i = 0; i < 5; i++) await refresh()

  server.faults.next("account", { wire: "hang" })
  const abort = new AbortController()
  const hung = fetch(`${hosted}/account`, { signal: abort.signal }).catch((error: Error) => error.name)
  await new Promise<void>((resolve) => {
    server.subscribe(() => resolve())
  })
  abort.abort()
  responses.push(await hung)

  server.faults.next("account", { slowBody: { pause: "1 ms" }, reply: { body: "0123456789".repeat(5) } })
  const slow = await fetch(`${hosted}/account`, { headers: { authorization: "Bearer x" } })
  responses.push(await slow.text())
  return { responses, decisions: server.log.map(({ decision }) => decision) }
}

Object.assign(globalThis, { outcome: run() })
