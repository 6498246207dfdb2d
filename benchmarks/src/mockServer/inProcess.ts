/** Round trips through `server.fetch` and through an empty handler: one line of JSON, in microseconds. */
import { createMockServer } from "@ellipsis-oauth/mock-server"

const client = { client_id: "demo-app", client_secret: "demo-secret" }
const server = createMockServer()
const url = `${server.url}/oauth/token`
const { code } = server.authorize({ clientId: client.client_id })
const login = await server.fetch(url, {
  method: "POST",
  body: new URLSearchParams({ grant_type: "authorization_code", authorization_code: code, ...client }),
})
const { refresh_token } = (await login.json()) as { refresh_token: string }
const init = {
  method: "POST",
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: String(new URLSearchParams({ grant_type: "refresh_token", refresh_token, ...client })),
}

/** What `Request` and `Response` cost by themselves. */
const nothing = async (input: string, options: RequestInit): Promise<Response> => {
  const request = new Request(input, options)
  return Response.json({ length: (await request.text()).length })
}

const measure = async (fetch: (input: string, options: RequestInit) => Promise<Response>) => {
  const times: number[] = []
  const end = performance.now() + 1_000
  while (performance.now() < end) {
    const before = performance.now()
    const response = await fetch(url, init)
    await response.text()
    times.push((performance.now() - before) * 1_000)
  }
  const sorted = times.slice(times.length / 4).sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(sorted.length * share)]
  return { median: at(0.5), p99: at(0.99) }
}

console.log(JSON.stringify({ bare: await measure(nothing), server: await measure(server.fetch) }))
