/** `startStop SERVER`: starts and stops it repeatedly in this process. Prints one line of JSON, in milliseconds. */
import { createServer } from "node:http"

/** One start and stop. */
type Cycle = () => Promise<unknown>

const servers: Readonly<Record<string, () => Promise<Cycle>>> = {
  bareHttp: async () => () =>
    new Promise<void>((resolve) => {
      const server = createServer().listen(0, "127.0.0.1", () => server.close(() => resolve()))
    }),
  mockServer: async () => {
    const { createMockServer } = await import("@ellipsis-oauth/mock-server")
    return () => createMockServer().close()
  },
  mockServerListening: async () => {
    const { createMockServer } = await import("@ellipsis-oauth/mock-server")
    return async () => (await createMockServer().listen()).close()
  },
  oauth2MockServer: async () => {
    const { OAuth2Server } = await import("oauth2-mock-server")
    return async () => {
      const server = new OAuth2Server()
      await server.issuer.keys.generate("RS256")
      await server.start(0, "127.0.0.1")
      await server.stop()
    }
  },
  oidcProvider: async () => {
    const { default: Provider } = await import("oidc-provider")
    return () =>
      new Promise<void>((resolve) => {
        const provider = new Provider("http://127.0.0.1", { clients: [] })
        const server = createServer(provider.callback()).listen(0, "127.0.0.1", () =>
          server.close(() => resolve()),
        )
      })
  },
}

const load = servers[process.argv[2] ?? ""]
if (load === undefined)
  throw new Error(`the argument of startStop must be one of ${Object.keys(servers).join(", ")}`)
const cycle = await load()
const times: number[] = []
const end = performance.now() + 500
while (performance.now() < end && times.length < 2_000) {
  const before = performance.now()
  await cycle()
  times.push(performance.now() - before)
}
const sorted = times.slice(times.length / 4).sort((a, b) => a - b)
console.log(JSON.stringify({ median: sorted[Math.floor(sorted.length / 2)], best: sorted[0] }))
