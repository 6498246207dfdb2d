/** Everything that a map is made of: its page, the mock server, and the map data behind the mock server's tokens. */
import type { RequestListener } from "node:http"
import { type ClientRegistration, createMockServer, type MockServer } from "@ellipsis-oauth/mock-server"
import { listen } from "./listen.js"
import { type MapData, startMapData } from "./mapData.js"
import { serveApp } from "./serveApp.js"

export interface MapParts {
  /** The page's, such as `http://localhost:5173`. */
  readonly origin: string
  readonly mock: MockServer
  readonly mapData: MapData
}

export interface Backend extends AsyncDisposable {
  /** Handles a request of the backend. `false`: the request is not for the backend. */
  readonly handle: (...call: Parameters<RequestListener>) => boolean
}

export interface MapOptions {
  /** The folder with `index.html`. */
  readonly root: string
  /** Any that are free if left out. */
  readonly ports?: { readonly app: number; readonly mock: number; readonly data: number }
  /** What the app is registered with. */
  readonly client: Omit<ClientRegistration, "redirectUris"> & { readonly callbackPath: string }
  readonly backend?: (parts: MapParts) => Backend
}

export interface RunningMap extends MapParts, AsyncDisposable {}

export const startMap = async (options: MapOptions): Promise<RunningMap> => {
  const { root, ports = { app: 0, mock: 0, data: 0 }, client, backend } = options
  const { callbackPath, ...registration } = client
  await using stack = new AsyncDisposableStack()
  let listener: RequestListener = (_request, response) => response.writeHead(503).end()
  const { origin, server } = stack.use(await listen((...call) => listener(...call), ports.app))
  const mock = stack.use(
    createMockServer({
      clients: [{ ...registration, redirectUris: [origin + callbackPath] }],
      users: [
        { id: "1", username: "marie" },
        { id: "2", username: "alexander" },
      ],
      autoApprove: false, // a person does, on a page of the mock server
      accessTokenLifetime: "2 minutes",
      rotation: { grace: "10 seconds" },
    }),
  )
  await mock.listen({ port: ports.mock })
  const mapData = stack.use(await startMapData({ driveUrl: mock.url, port: ports.data }))
  const parts: MapParts = { origin, mock, mapData }
  const own = backend === undefined ? undefined : stack.use(backend(parts))
  const env = { VITE_DRIVE_URL: mock.url, VITE_MAP_DATA_URL: mapData.origin }
  const vite = stack.adopt(await serveApp({ root, server, env }), (vite) => vite.close())
  listener = (...call) => {
    if (own?.handle(...call) !== true) vite.middlewares(...call)
  }
  const everything = stack.move()
  return { ...parts, [Symbol.asyncDispose]: () => everything.disposeAsync() }
}

/** From the environment: `PORT` of the page, `MOCK_PORT` and `DATA_PORT` of the servers beside it. */
const portOf = (name: string, usual: number): number => Number(process.env[name] ?? usual)

/** Starts a map for a person, and says where it is. */
export const developMap = async (options: MapOptions): Promise<void> => {
  const ports = {
    app: portOf("PORT", 5173),
    mock: portOf("MOCK_PORT", 4400),
    data: portOf("DATA_PORT", 4401),
  }
  try {
    const { origin, mock } = await startMap({ ...options, ports })
    console.log(`
  The map          ${origin}
  Ellipsis Drive   ${new URL(mock.url).origin}   (the mock server: every request, every token)

  Ctrl-C ends.
`)
  } catch (error) {
    const { code, port } = error as { readonly code?: unknown; readonly port?: unknown }
    if (code !== "EADDRINUSE") throw error
    console.error(
      `Port ${port} is taken. End the program that has it, or choose other ports: PORT=5200 MOCK_PORT=4500 DATA_PORT=4501.`,
    )
    process.exitCode = 1
  }
}
