/**
 * Many signed-in users behind two processes of one backend, their tokens expiring throughout, one of the processes
 * killed in the middle and started again. Each user has two tabs, which ask both processes at once; a tab that gets no
 * response, or is told to wait, asks the other process.
 */
import { Agent } from "node:http"
import { setTimeout as pause } from "node:timers/promises"
import {
  createMockServer,
  type MockServer,
  type MockServerOptions,
  type RefreshTokenNode,
} from "@ellipsis-oauth/mock-server"
import pg from "pg"
import { postgresTokenStore } from "../../../src/stores/postgresTokenStore.js"
import type { PostgresServer } from "../../stores/servers.js"
import { BackendProcess, type BackendProgram } from "./BackendProcess.js"
import { logIn, type Sender, send } from "./Visitor.js"

export interface LoadOptions {
  readonly users: number
  /** How many of them ask at once, each in two tabs. */
  readonly concurrency: number
  /** All durations in milliseconds. An access token is refreshed after half of it. */
  readonly tokenLifetime: number
  readonly duration: number
  /** When one of the processes is killed, and when it is started again. */
  readonly kill?: { readonly after: number; readonly restartAfter: number }
  /** Of a refresh; the lease of a process that was killed in one lasts twice as long. */
  readonly deadline: number
  readonly rotation: NonNullable<MockServerOptions["rotation"]>
}

export interface LoadReport {
  readonly requests: number
  readonly perSecond: number
  /** From the first attempt to the response, in milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly longest: number
  /** Requests that had to be sent again, by why. */
  readonly retried: Readonly<Record<string, number>>
  /** Requests that ended with anything but a token. */
  readonly errors: number
  readonly lostSessions: number
  readonly refreshes: number
  /** The fewest and the most of one user. */
  readonly refreshesOfOneUser: readonly [number, number]
  /** Refreshes with a token that was nearly new itself: a second one for the same expiry. */
  readonly repeated: number
  /** Refresh tokens that were sent again, since the process that heard what replaced them was killed. */
  readonly sentAgain: number
  /** Refreshes that the provider refused. */
  readonly refused: number
  /** What would have ended a process. */
  readonly faults: readonly string[]
}

const origin = "https://your.app"

export const runLoad = async (
  postgres: PostgresServer,
  program: BackendProgram,
  options: LoadOptions,
): Promise<LoadReport> => {
  const redirectUri = `${origin}/auth/callback`
  await using provider = await createMockServer({
    clients: [{ clientId: "maps", clientSecret: "maps-secret", redirectUris: [redirectUri] }],
    accessTokenLifetime: options.tokenLifetime,
    rotation: options.rotation,
  }).listen()
  const pool = new pg.Pool(postgres.connection)
  await postgresTokenStore({ client: pool }).createSchema()
  await pool.query("TRUNCATE ellipsis_oauth, ellipsis_oauth_lease")
  await pool.end()

  const { connection } = postgres
  const setup = { baseUrl: provider.url, redirectUri, connection, deadline: options.deadline }
  await using one = new BackendProcess(program, setup)
  await using other = new BackendProcess(program, setup)
  const backends = [one, other]
  await Promise.all(backends.map((backend) => backend.start()))
  const agent = new Agent({ keepAlive: true })
  try {
    const cookies = await logInAll(backends, provider, agent, options)
    const watched = watchRefreshes(provider, options)
    const kill = async () => {
      if (options.kill === undefined) return
      const { after, restartAfter } = options.kill
      await pause(after)
      // The worst moment: tokens are replaced, and nobody has heard of it yet.
      const replies = provider.faults.hold(options.concurrency / 2, { at: "afterCommit" })
      await replies.full
      await one.kill()
      replies.release()
      await pause(restartAfter - after)
      await one.start()
    }
    const [asked] = await Promise.all([askAll(cookies, backends, agent, options), kill()])
    return { ...asked, ...watched.read(), faults: backends.flatMap(({ faults }) => faults) }
  } finally {
    agent.destroy()
  }
}

const senderOf = (backends: readonly BackendProcess[], agent: Agent, turn: number): Sender => ({
  agent,
  port: backends[turn % backends.length]?.port ?? 0,
})

/** Runs `work` for every number below `count`, `concurrency` at once. */
const eachOf = async (count: number, concurrency: number, work: (index: number) => Promise<void>) => {
  let next = 0
  const run = async () => {
    for (let index = next++; index < count; index = next++) await work(index)
  }
  await Promise.all(Array.from({ length: concurrency }, run))
}

const logInAll = async (
  backends: readonly BackendProcess[],
  provider: MockServer,
  agent: Agent,
  { users, concurrency }: LoadOptions,
): Promise<readonly string[]> => {
  const cookies: string[] = []
  await eachOf(users, concurrency, async (user) => {
    cookies[user] = await logIn(senderOf(backends, agent, user), provider)
  })
  return cookies
}

/** How long one request may take in all, with every attempt. */
const patience = 60_000

const askAll = async (
  cookies: readonly string[],
  backends: readonly BackendProcess[],
  agent: Agent,
  { concurrency, duration }: LoadOptions,
) => {
  const took: number[] = []
  const retried: Record<string, number> = {}
  const lost = new Set<string>()
  let errors = 0
  let turn = 0

  const ask = async (cookie: string): Promise<number> => {
    const startedAt = performance.now()
    const headers = { cookie, origin, "sec-fetch-site": "same-origin" }
    while (performance.now() - startedAt < patience) {
      const sender = senderOf(backends, agent, turn++)
      const answer = await send(sender, "POST", "/auth/token", headers).catch((error: unknown) => error)
      const why = reasonToRetry(answer)
      if (why === undefined) return (answer as { readonly status: number }).status
      retried[why] = (retried[why] ?? 0) + 1
      await pause(10)
    }
    return 0
  }

  const startedAt = performance.now()
  const isOver = () => performance.now() - startedAt >= duration
  const askInTab = async (cookie: string) => {
    const askedAt = performance.now()
    const status = await ask(cookie)
    took.push(performance.now() - askedAt)
    if (status !== 200) errors++
    if (status === 401) lost.add(cookie)
  }
  const run = async (_: unknown, first: number) => {
    for (let user = first; !isOver(); user += concurrency) {
      const cookie = cookies[user % cookies.length] ?? ""
      await Promise.all([askInTab(cookie), askInTab(cookie)])
    }
  }
  await Promise.all(Array.from({ length: concurrency }, run))
  const seconds = (performance.now() - startedAt) / 1000
  const perSecond = took.length / seconds
  // Those who were not asked since the kill, too.
  await eachOf(cookies.length, concurrency, async (user) => {
    if ((await ask(cookies[user] ?? "")) !== 200) lost.add(cookies[user] ?? "")
  })
  took.sort((a, b) => a - b)
  const at = (part: number) => took[Math.min(took.length - 1, Math.floor(took.length * part))] ?? Number.NaN
  return {
    requests: took.length,
    perSecond,
    p50: at(0.5),
    p99: at(0.99),
    longest: at(1),
    retried,
    errors,
    lostSessions: lost.size,
  }
}

/** The other process may do better: this one is gone, or asks to wait. */
const reasonToRetry = (answer: unknown): string | undefined => {
  if (answer instanceof Error) return "code" in answer ? String(answer.code) : answer.message
  const { status } = answer as { readonly status: number }
  return status >= 500 ? `HTTP ${status}` : undefined
}

const watchRefreshes = (provider: MockServer, { users, tokenLifetime }: LoadOptions) => {
  const granted = new Map<string, number>()
  let refused = 0
  provider.subscribe(({ grantType, decision, familyId = "" }) => {
    if (grantType !== "refresh_token") return
    if (decision === "granted") granted.set(familyId, (granted.get(familyId) ?? 0) + 1)
    else refused++
  })
  return {
    read: () => {
      const counts = [...granted.values()]
      const tokens = provider.families.flatMap(({ refreshTokens }) => refreshTokens.flatMap(descendants))
      return {
        refreshes: counts.reduce((a, b) => a + b, 0),
        refreshesOfOneUser: [granted.size < users ? 0 : Math.min(...counts), Math.max(0, ...counts)] as const,
        // A refresh is due at half the life.
        repeated: tokens.filter(
          ({ issuedAt, rotatedAt = Infinity }) => rotatedAt - issuedAt < tokenLifetime / 4,
        ).length,
        sentAgain: tokens.filter(({ uses }) => uses > 1).length,
        refused,
      }
    },
  }
}

const descendants = (token: RefreshTokenNode): readonly RefreshTokenNode[] => [
  token,
  ...token.children.flatMap(descendants),
]
