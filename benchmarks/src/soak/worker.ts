/** One process of a soak: callers ask for the tokens of many users at a steady rate. Run with --expose-gc. */
import { readdirSync } from "node:fs"
import {
  createTokenClient,
  isTokenError,
  memoryTokenStore,
  rfc6749,
  sqliteTokenStore,
} from "@ellipsis-oauth/node"

export interface SoakSetup {
  readonly origin: string
  /** In memory if left out. */
  readonly path?: string
  readonly users: readonly string[]
  /** Whether this process logs them in. */
  readonly logsIn: boolean
  /** Calls of `getAccessToken` a second. */
  readonly rate: number
  /** Milliseconds between two samples. */
  readonly sampleEvery: number
}

/** Since the last sample, but for what is there at its moment. */
export interface Sample {
  /** Bytes, after a garbage collection. */
  readonly heap: number
  /** Bytes. */
  readonly memory: number
  /** Sockets, timers and the like. */
  readonly handles: number
  /** Open files and sockets, where the system tells. */
  readonly descriptors: number
  readonly tokens: number
  readonly refreshes: number
  /** To the token endpoint. */
  readonly requests: number
  /** The longest wait of a caller, in milliseconds. */
  readonly longest: number
  /** By tag and reason. */
  readonly errors: Readonly<Record<string, number>>
  readonly signedOut: number
}

export type SoakMessage = { readonly type: "ready" } | ({ readonly type: "sample" } & Sample)

const tell = (message: SoakMessage): void => {
  process.send?.(message)
}

const describe = (error: unknown): string => {
  if (!isTokenError(error)) return String(error)
  const detail = "reason" in error ? error.reason : "status" in error ? error.status : ""
  return `${error._tag} ${detail}`.trim()
}

const countDescriptors = (): number => {
  try {
    return readdirSync("/proc/self/fd").length
  } catch {
    return Number.NaN
  }
}

const run = async (setup: SoakSetup): Promise<void> => {
  const { logsIn, origin, path, rate, sampleEvery, users } = setup
  let tokens = 0
  let refreshes = 0
  let requests = 0
  let longest = 0
  let signedOut = 0
  let errors: Record<string, number> = {}
  const redirectUri = "http://localhost:3000/callback"
  const client = createTokenClient({
    server: rfc6749({
      authorizationEndpoint: `${origin}/oauth/authorize`,
      tokenEndpoint: `${origin}/oauth/token`,
    }),
    clientId: "demo-app",
    clientSecret: "demo-secret",
    redirectUri,
    store: path === undefined ? memoryTokenStore() : sqliteTokenStore({ path }),
    fetch: (input, init) => {
      requests++
      return fetch(input, init)
    },
    onEvent: ({ type }) => {
      if (type === "refreshed") refreshes++
      if (type === "signedOut") signedOut++
    },
  })
  const logIn = async (user: string): Promise<void> => {
    const { transaction, url } = await client.createAuthorizationRequest()
    const response = await fetch(url, { redirect: "manual" })
    await client.session(user).completeAuthorization(response.headers.get("location") ?? "", transaction)
  }
  if (logsIn) for (const user of users) await logIn(user)

  const ask = async (): Promise<void> => {
    const user = users[Math.floor(Math.random() * users.length)] ?? ""
    const startedAt = performance.now()
    try {
      await client.session(user).getAccessToken()
      tokens++
    } catch (error) {
      const name = describe(error)
      errors[name] = (errors[name] ?? 0) + 1
    }
    longest = Math.max(longest, performance.now() - startedAt)
  }

  process.once("message", () => {
    // A busy machine fires timers late: what was missed is made up for.
    const startedAt = performance.now()
    let asked = 0
    setInterval(() => {
      const due = ((performance.now() - startedAt) / 1000) * rate
      for (; asked < due; asked++) void ask()
    }, 20)
    setInterval(() => {
      globalThis.gc?.()
      const { heapUsed, rss } = process.memoryUsage()
      const handles = process.getActiveResourcesInfo().length
      const descriptors = countDescriptors()
      tell({
        type: "sample",
        heap: heapUsed,
        memory: rss,
        handles,
        descriptors,
        tokens,
        refreshes,
        requests,
        longest,
        errors,
        signedOut,
      })
      tokens = 0
      refreshes = 0
      requests = 0
      longest = 0
      signedOut = 0
      errors = {}
    }, sampleEvery)
  })
  requests = 0
  tell({ type: "ready" })
}

process.on("disconnect", () => process.exit())
void run(JSON.parse(process.argv[2] ?? ""))
