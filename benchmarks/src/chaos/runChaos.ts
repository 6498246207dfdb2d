/** One run on one store: callers, faults and kills until there were enough refreshes, then a look at every user. */
import { createTokenClient, isTokenError, rfc6749, type TokenClient } from "@ellipsis-oauth/node"
import { type Location, openStore } from "../../../packages/node/test/processes/location.ts"
import { credentials } from "./credentials.ts"
import { type Fault, FaultyProxy, type Login } from "./FaultyProxy.ts"
import { judgeLostLogin, sentWhileOpen, type Verdict } from "./judge.ts"
import { monotonic } from "./monotonic.ts"
import type { CallerError } from "./protocol.ts"
import { logIn, startProvider } from "./provider.ts"
import { seededRandom } from "./random.ts"
import { startStore } from "./stores.ts"
import { Workers } from "./Workers.ts"

export interface ChaosOptions {
  readonly program: string
  readonly refreshes: number
  readonly users: number
  readonly workers: number
  /** The client's, in milliseconds. */
  readonly timeout: number
  /** The client's, in milliseconds. */
  readonly deadline: number
  readonly seed: number
  /** 1 for the usual faults and kills, 0 for none. */
  readonly faultRate: number
}

/** Of an access token, in seconds. */
const tokenLifetime = 4

/** Milliseconds between two kills, and between two stops. */
const killEvery = 1500
const stopEvery = 1000

export interface ChaosReport {
  readonly store: Location["kind"]
  readonly seconds: number
  readonly refreshes: number
  readonly refreshesPerSecond: number
  readonly kills: number
  readonly stops: number
  readonly faults: Readonly<Record<string, number>>
  readonly callers: number
  readonly aborted: number
  /** Milliseconds. */
  readonly longestWait: number
  readonly lostLogins: Readonly<Record<string, number>>
  /** Retryable errors after an injected fault or a kill that met the same user. */
  readonly errorsByFault: Readonly<Record<string, number>>
  readonly otherErrors: Readonly<Record<string, number>>
  readonly defects: readonly string[]
}

/** A failed refresh is not tried again for a second, and its error is given to every caller until then. */
const afterFault = 1250

const count = (names: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

export const runChaos = async (kind: Location["kind"], options: ChaosOptions): Promise<ChaosReport> => {
  const { timeout, deadline, seed, refreshes } = options
  const random = seededRandom(seed)
  const provider = await startProvider(tokenLifetime)
  const proxy = new FaultyProxy({
    upstream: provider.origin,
    timeout,
    deadline,
    random: seededRandom(seed + 1e6),
  })
  const tokenEndpoint = `${await proxy.listen()}/token`
  const store = await startStore(kind)
  const opened = await openStore(store.location)
  const client = createTokenClient({
    server: rfc6749({ authorizationEndpoint: `${provider.origin}/auth`, tokenEndpoint }),
    ...credentials,
    clientAuthentication: "basic",
    timeout: "60 seconds",
    store: opened.store,
    userAgent: "logins",
  })
  const users = Array.from({ length: options.users }, (_, index) => `user-${index}`)
  const current = new Map<string, { readonly login: Login; readonly completedAt: number }>()
  const verdicts: Verdict[] = []
  const defects: string[] = []
  const errors: CallerError[] = []

  const logInAgain = async (user: string): Promise<void> => {
    const { url, transaction } = await client.createAuthorizationRequest({ scope: "projects" })
    const token = await client.session(user).completeAuthorization(await logIn(url, user), transaction)
    const login = proxy.register(token.refreshToken ?? "", user)
    current.set(user, { login, completedAt: monotonic() })
  }

  const relogins = new Map<string, Promise<void>>()
  const onLost = (user: string, startedAt: number): void => {
    const known = current.get(user)
    // Told before, and logged in again since.
    if (known === undefined || relogins.has(user) || startedAt < known.completedAt) return
    const verdict = judgeLostLogin(known.login, { kills: workers.kills, stops: workers.stops, timeout })
    verdicts.push(verdict)
    if (verdict.isDefect) {
      const last = known.login.exchanges.slice(-3)
      const killed = last.map(({ worker }) => workers.kills.get(worker))
      defects.push(`${user}: ${verdict.cause}: ${JSON.stringify({ last, killed })}`)
    }
    const again = logInAgain(user).catch((error: unknown) => {
      defects.push(`${user} could not log in again: ${String(error)}`)
    })
    relogins.set(
      user,
      again.finally(() => relogins.delete(user)),
    )
  }

  const workers: Workers = new Workers({
    program: options.program,
    setup: {
      origin: provider.origin,
      tokenEndpoint,
      location: store.location,
      timeout,
      deadline,
      work: "loop",
      users,
    },
    seed,
    onError: (error) => {
      errors.push(error)
      if (error.action === "login") onLost(error.user, error.startedAt)
      else if (error.action !== "retry") defects.push(`${error.user}: ${error.error}`)
    },
  })

  for (const user of users) await logInAgain(user)
  await Promise.all(Array.from({ length: options.workers }, () => workers.start()))
  proxy.faultRate = options.faultRate
  const startedAt = monotonic()
  let nextKill = startedAt + killEvery
  let nextStop = startedAt + stopEvery
  while (proxy.refreshes < refreshes) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    if (options.faultRate === 0) continue
    if (monotonic() > nextStop) {
      nextStop = monotonic() + (stopEvery * (0.5 + random())) / options.faultRate
      // A lease is prolonged when a third of it is over, and it outlives any stop that is shorter than the rest.
      workers.stop(random(), random() * (timeout + deadline / 3))
    }
    if (monotonic() > nextKill) {
      nextKill = monotonic() + (killEvery * (0.5 + random())) / options.faultRate
      workers.kill(random())
      await workers.start()
    }
  }
  const seconds = (monotonic() - startedAt) / 1000
  const reached = proxy.refreshes
  proxy.faultRate = 0
  const kills = workers.kills.size
  const stops = workers.stops.length
  await workers.killAll()
  await Promise.all(relogins.values())

  // Every user has a login that works, or lost it in one of the ways that nobody can prevent.
  await checkUsers(client, users, onLost)
  await Promise.all(relogins.values())
  for (const [earlier, later] of sentWhileOpen(proxy.logins)) {
    defects.push(`a refresh token was sent while it was open: ${JSON.stringify([earlier, later])}`)
  }
  defects.push(...workers.faults)

  await client.close()
  await opened.close()
  proxy.close()
  provider.close()
  await store.stop()

  const retryable = errors.filter(({ action }) => action === "retry")
  const isByFault = causedBy(proxy.logins, workers)
  const faults = proxy.logins.flatMap(({ exchanges }) =>
    exchanges.map(({ fault }) => fault).filter((fault): fault is Fault => fault !== undefined),
  )
  return {
    store: kind,
    seconds,
    refreshes: reached,
    refreshesPerSecond: reached / seconds,
    kills,
    stops,
    faults: count(faults),
    callers: workers.tokens + workers.aborted + errors.length,
    aborted: workers.aborted,
    longestWait: Math.max(workers.longest, ...errors.map((error) => error.endedAt - error.startedAt)),
    lostLogins: count(verdicts.map(({ cause }) => cause)),
    errorsByFault: count(retryable.filter(isByFault).map(({ error }) => error)),
    otherErrors: count(retryable.filter((error) => !isByFault(error)).map(({ error }) => error)),
    defects,
  }
}

const checkUsers = async (
  client: TokenClient,
  users: readonly string[],
  onLost: (user: string, startedAt: number) => void,
): Promise<void> => {
  const check = async (user: string): Promise<void> => {
    const startedAt = monotonic()
    try {
      await client.session(user).getAccessToken({ force: true })
    } catch (error) {
      if (!isTokenError(error) || error.action !== "login") throw error
      onLost(user, startedAt)
    }
  }
  await Promise.all(users.map(check))
}

/**
 * Tells whether an injected fault, or the kill of a process with a request under way, met the user of a caller, or a
 * stop its process.
 */
const causedBy = (
  logins: readonly Login[],
  { kills, stops }: Pick<Workers, "kills" | "stops">,
): ((error: CallerError) => boolean) => {
  const spans = new Map<string, (readonly [from: number, to: number])[]>()
  for (const { user = "", exchanges } of logins) {
    const found = spans.get(user) ?? []
    spans.set(user, found)
    for (const { fault, worker, startedAt, endedAt } of exchanges) {
      if (fault !== undefined) found.push([startedAt, endedAt + afterFault])
      const killedAt = kills.get(worker)
      if (killedAt !== undefined && killedAt >= startedAt && killedAt <= endedAt + 250) {
        found.push([killedAt, killedAt + 10_000])
      }
    }
  }
  return ({ user, worker, startedAt, endedAt }) =>
    (spans.get(user) ?? []).some(([from, to]) => from <= endedAt && startedAt <= to) ||
    stops.some((stop) => stop.worker === worker && stop.from <= endedAt && startedAt <= stop.to + afterFault)
}
