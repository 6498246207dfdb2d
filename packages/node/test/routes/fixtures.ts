/** An app behind the routes, its provider, and browsers. */
import { createMockServer, type MockServer, type MockServerOptions } from "@ellipsis-oauth/mock-server"
import { onTestFinished } from "vitest"
import {
  type AuthRoutes,
  type AuthRoutesOptions,
  createAuthRoutes,
  createTokenClient,
  ellipsisDrive,
  memoryTokenStore,
  type TokenClientOptions,
  type TokenStoreAdapter,
} from "../../src/index.js"
import { Browser } from "./Browser.js"

export const appOrigin = "https://your.app"
export const base = `${appOrigin}/auth`

export interface App {
  readonly server: MockServer
  readonly store: TokenStoreAdapter
  readonly routes: AuthRoutes
  readonly client: ReturnType<typeof createTokenClient>
  /** What the routes told `onError`. */
  readonly errors: unknown[]
  /** A browser with an empty cookie jar. */
  readonly browser: () => Browser
  /** One that has logged in. */
  readonly signedIn: () => Promise<Browser>
}

export interface AppOptions {
  readonly origin?: string
  readonly mock?: MockServerOptions
  readonly routes?: AuthRoutesOptions
  readonly client?: Partial<TokenClientOptions>
  /** Another process's, to share. */
  readonly server?: MockServer
}

/** The provider of an app at this origin. Its clock stands still unless a test moves it. */
export const mockServerFor = (origin: string, options: MockServerOptions = {}): MockServer => {
  const redirectUris = [`${origin}/auth/callback`]
  const clients = [{ clientId: "maps", clientSecret: "maps-secret", redirectUris }]
  const users = ["ada", "eve"].map((username) => ({ id: username, username }))
  return createMockServer({ clients, users, rotation: "always", now: Date.now(), ...options })
}

export const startApp = (options: AppOptions = {}): App => {
  const { origin = appOrigin } = options
  const redirectUri = `${origin}/auth/callback`
  const server = options.server ?? mockServerFor(origin, options.mock)
  const now = () => server.clock.now()
  const store = options.client?.store ?? memoryTokenStore({ now })
  const client = createTokenClient({
    server: ellipsisDrive({ baseUrl: server.url }),
    clientId: "maps",
    clientSecret: "maps-secret",
    redirectUri,
    store,
    now,
    fetch: (url, init) => server.fetch(url, init),
    ...options.client,
  })
  onTestFinished(() => client.close())
  if (options.server === undefined) onTestFinished(() => server.close())
  const errors: unknown[] = []
  const routes = createAuthRoutes(client, { now, onError: (error) => errors.push(error), ...options.routes })
  const browser = () => new Browser(server, { [origin]: (request) => answer(routes, request) })
  const signedIn = async () => {
    const own = browser()
    await own.visit(`${origin}/auth/login`)
    return own
  }
  return { server, store, client, routes, errors, browser, signedIn }
}

/** The app's own pages beside its routes. */
const answer = (routes: AuthRoutes, request: Request): Promise<Response> =>
  new URL(request.url).pathname.startsWith("/auth/")
    ? routes(request)
    : Promise.resolve(new Response(`the page ${new URL(request.url).pathname}`))
