// Random histories of callers, aborts, clock steps, faults, logins and sign-outs of two clients on one store, on one
// virtual clock, with the invariants checked after every step.
import {
  type AccessTokenNode,
  createMockServer,
  type Fault,
  type MockServer,
  type RefreshTokenNode,
} from "@ellipsis-oauth/mock-server"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import fc from "fast-check"
import { expect, test } from "vitest"
import type { Transport } from "../../src/index.js"
import {
  ellipsisDrive,
  isTokenError,
  memoryTokenStore,
  type PromiseTokenClient,
  type PromiseTokenSession,
  type StoredRecord,
  storeKey,
  type TokenStoreAdapter,
} from "../../src/promise/index.js"
import { fromContext } from "../../src/promise/PromiseTokenClient.js"
import { tokenStoreCalls } from "../../src/services/TokenStoreCalls.js"
import { noTracing } from "../../src/services/Tracing.js"
import { clockAhead } from "../fixtures.js"
import { crypto } from "../oneTimeTokens.js"
import { transportTo } from "../sessions.js"

type Step =
  | { readonly do: "call"; readonly client: 0 | 1; readonly force: boolean; readonly abort: boolean }
  | { readonly do: "reject"; readonly client: 0 | 1 }
  | { readonly do: "signOut"; readonly client: 0 | 1 }
  | { readonly do: "login"; readonly client: 0 | 1 }
  | { readonly do: "pass"; readonly milliseconds: number }
  | { readonly do: "expire" }
  | { readonly do: "fault"; readonly fault: keyof typeof faults }
  | { readonly do: "breakStore"; readonly call: StoreCall; readonly times: number; readonly after: boolean }
  /** Calls of the store take a while, and are done then. */
  | {
      readonly do: "slowStore"
      readonly call: StoreCall
      readonly times: number
      readonly milliseconds: number
    }
  /** A token from elsewhere takes the place of what is there. */
  | { readonly do: "import"; readonly client: 0 | 1 }
  /** A process ends in good order, perhaps with a token that the store has not taken, and another one begins. */
  | { readonly do: "restart"; readonly client: 0 | 1 }
  /** A process took the lease and died. */
  | { readonly do: "deadHolder"; readonly milliseconds: number }
  /** The wall clock of a client is set, as by NTP or after a sleep. */
  | { readonly do: "setClock"; readonly client: 0 | 1; readonly milliseconds: number }
  /** The store is one write behind, after a failover or a restore. */
  | { readonly do: "behind" }
  /** An API refuses every token, for lack of permission. */
  | { readonly do: "storm"; readonly client: 0 | 1 }

type StoreCall = "read" | "write" | "lease" | "release" | "remove"

const faults = {
  reset: { wire: "reset" },
  unavailable: { reply: { status: 503 } },
  tooMany: { reply: { status: 429, headers: { "retry-after": "3" } } },
  nonsense: { reply: { status: 200, body: "<html>" } },
  slow: { delay: 1500 },
  // The timer has expired, and grants a second more.
  late: { at: "afterCommit", delay: 2500 },
  // The request is given up while the server is at work on it.
  tooSlow: { delay: 4000 },
  hang: { wire: "hang" },
  lost: { at: "afterCommit", wire: "reset" },
  cutOff: { at: "afterCommit", wire: "closeInBody" },
} satisfies Record<string, Fault>

const which = fc.constantFrom<0 | 1>(0, 1)

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("call" as const),
      client: which,
      force: fc.boolean(),
      abort: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("reject" as const), client: which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("signOut" as const), client: which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("login" as const), client: which }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("pass" as const),
      milliseconds: fc.integer({ min: 1, max: 3000 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("expire" as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("fault" as const),
      fault: fc.constantFrom(...(Object.keys(faults) as (keyof typeof faults)[])),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("breakStore" as const),
      call: fc.constantFrom<StoreCall>("read", "write", "lease", "release", "remove"),
      times: fc.integer({ min: 1, max: 9 }),
      after: fc.boolean(),
    }),
  },
)

const moreSteps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("deadHolder" as const),
      milliseconds: fc.integer({ min: 1, max: 9000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("setClock" as const),
      client: which,
      milliseconds: fc.constantFrom(-120_000, -5000, 5000, 120_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("slowStore" as const),
      call: fc.constantFrom<StoreCall>("read", "write", "lease", "release", "remove"),
      times: fc.integer({ min: 1, max: 4 }),
      milliseconds: fc.integer({ min: 1, max: 1500 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("import" as const), client: which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const), client: which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("behind" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("storm" as const), client: which }) },
)

const anyStep = fc.oneof({ weight: 5, arbitrary: step }, { weight: 1, arbitrary: moreSteps })

const key = "ada"
const deadline = 8000
/** What a caller with a usable token waits at most, and what the steps of the virtual clock add to it. */
const longestWait = 2000 + 1000
const rotations = {
  off: "off",
  always: "always",
  grace: { grace: "300 days", reuse: "revokeFamily" },
} as const

class Model {
  readonly server: MockServer
  readonly store: TokenStoreAdapter
  readonly rotation: keyof typeof rotations
  clients: readonly [PromiseTokenClient, PromiseTokenClient] | undefined
  readonly calls: Promise<void>[] = []
  /** Refresh tokens that are being presented now. */
  readonly presenting = new Map<string, number>()
  /** From which refresh token each came. */
  readonly successors = new Map<string, { readonly from: string }>()
  /** Refresh tokens whose successor is known: to one client, or to all through the store. */
  readonly spent = [new Set<string>(), new Set<string>()] as const
  /**
   * The store takes writes and says that it did not, for longer than a login waits: a process with that login cannot
   * tell a record that was removed from one that was never written, and writes it again.
   */
  deniesWrites = false
  /** A caller asked for another token although the current one is good. */
  forced = false
  /** The newest refresh token that the server has told us. */
  newest: string | undefined
  /** Something has happened after which only a new login helps, through nobody's fault here. */
  excused = true
  problem: string | undefined
  /** How far the wall clock of each client is from that of the server, in milliseconds. */
  readonly offsets: [number, number] = [0, 0]
  /** Who has the newest refresh token in memory. */
  holder: 0 | 1 | undefined
  /** The record before the one that is there. */
  previous: StoredRecord | undefined
  readonly #inner: TokenStoreAdapter
  /** What was last written. */
  stored: { readonly refreshToken: string; readonly expiresAt: number } | undefined
  readonly #broken = new Map<StoreCall, { times: number; after: boolean }>()
  readonly #slow = new Map<StoreCall, { times: number; readonly milliseconds: number }>()

  /** @param sleep in the time of the test */
  constructor(
    now: () => number,
    sleep: (milliseconds: number) => Promise<void>,
    rotation: keyof typeof rotations,
  ) {
    this.rotation = rotation
    this.server = createMockServer({
      rotation: rotations[rotation],
      now: now(),
      refreshTokenLifetime: "unlimited",
    })
    const inner = memoryTokenStore({ now })
    this.#inner = inner
    const faulty =
      <A extends unknown[], B>(name: StoreCall, call: (...args: A) => Promise<B>) =>
      async (...args: A) => {
        const slow = this.#slow.get(name)
        if (slow !== undefined && slow.times-- > 0) await sleep(slow.milliseconds)
        const broken = this.#broken.get(name)
        if (broken === undefined || broken.times === 0) return call(...args)
        broken.times--
        // A store can fail before it has done the work, or on the way back.
        if (broken.after) await call(...args)
        throw Object.assign(new Error("the store is down"), { code: "ECONNRESET" })
      }
    this.store = {
      read: faulty("read", async (key) => inner.read(key)),
      write: faulty("write", async (key, record, ifVersion) => {
        const before = await inner.read(key)
        const written = await inner.write(key, record, ifVersion)
        if (written) this.previous = before
        const token = JSON.parse(JSON.parse(record.value).token)
        if (written) this.stored = token
        const from = this.successors.get(token.refreshToken)?.from
        if (written && from !== undefined) for (const spent of this.spent) spent.add(from)
        return written
      }),
      remove: faulty("remove", async (key, ifVersion) => inner.remove(key, ifVersion)),
      lease: faulty("lease", async (key, owner, duration) => inner.lease(key, owner, duration)),
      release: faulty("release", async (key, owner) => inner.release(key, owner)),
    }
  }

  transport(client: 0 | 1): Transport["Service"] {
    const { send } = transportTo(this.server)
    return {
      send: (request) =>
        Effect.suspend(() => {
          const presented = new URLSearchParams(request.body).get("refresh_token")
          if (presented === null) return send(request)
          const now = (this.presenting.get(presented) ?? 0) + 1
          this.presenting.set(presented, now)
          if (now > 1) this.problem ??= "a refresh token was presented twice at once"
          if (this.spent[client].has(presented) && !this.deniesWrites)
            this.problem ??= "a spent refresh token was presented"
          this.#checkNeed(presented)
          return send(request).pipe(
            Effect.tap((response) => Effect.sync(() => this.#learn(client, presented, response.body))),
            Effect.ensuring(
              Effect.sync(() => this.presenting.set(presented, (this.presenting.get(presented) ?? 1) - 1)),
            ),
          )
        }),
    }
  }

  /** Nobody refreshes a token that is good for a minute more. */
  #checkNeed(presented: string): void {
    const stored = this.stored
    const needless = stored?.refreshToken === presented && stored.expiresAt - this.server.clock.now() > 60_000
    if (needless && !this.forced) this.problem ??= "a token was refreshed that was still good"
  }

  #learn(client: 0 | 1, presented: string, body: string): void {
    try {
      const { refresh_token } = JSON.parse(body)
      if (typeof refresh_token !== "string" || refresh_token === presented) return
      this.spent[client].add(presented)
      this.successors.set(refresh_token, { from: presented })
      this.newest = refresh_token
      this.holder = client
    } catch {
      // Not a token.
    }
  }

  breakStore(call: StoreCall, times: number, after: boolean): void {
    this.#broken.set(call, { times, after })
  }

  /** A store that fails to write now costs what one costs that fails for longer than a refresh may wait. */
  endWrites(): void {
    const broken = this.#broken.get("write")
    if (broken === undefined || broken.times === 0) return
    if (this.rotation === "always") this.excused = true
    if (broken.after) this.deniesWrites = true
  }

  slowStore(call: StoreCall, times: number, milliseconds: number): void {
    this.#slow.set(call, { times, milliseconds })
  }

  mendStore(): void {
    this.#broken.clear()
    this.#slow.clear()
  }

  session(client: 0 | 1): PromiseTokenSession {
    const found = this.clients?.[client]
    if (found === undefined) throw new Error("no client")
    return found.session(key)
  }

  call(client: 0 | 1, force: boolean, abort: boolean): void {
    if (force) this.forced = true
    const controller = new AbortController()
    const session = this.session(client)
    const started = this.server.clock.now()
    const hasUsableToken = !force && session.peekAccessToken() !== undefined
    const call = session.getAccessToken({ force, signal: controller.signal }).then(
      (accessToken) => {
        const waited = this.server.clock.now() - started
        if (hasUsableToken && waited > longestWait)
          this.problem ??= `a valid token was held back for ${waited} ms`
        return this.#check(accessToken, session, client)
      },
      (error: unknown) => {
        if (error === "aborted" || !this.#isExpected(error)) {
          if (error !== "aborted")
            this.problem ??= `unexpected: ${error instanceof Error ? error.stack : String(error)}`
        }
      },
    )
    this.calls.push(call)
    if (abort) controller.abort("aborted")
  }

  /** A token that is handed out is one that the server knows and that has not expired. */
  async #check(accessToken: string, session: PromiseTokenSession, client: 0 | 1): Promise<void> {
    // Whose clock is late takes an expired token for a valid one.
    if (this.offsets[client] < 0) return
    const response = await this.server.fetch(`${this.server.url}/account`, {
      headers: { authorization: `Bearer ${accessToken}` },
    })
    if (response.status === 200 || this.excused || this.#endedByServer(accessToken)) return
    if (session.getSnapshot().status === "ready") this.problem ??= "a dead access token was handed out"
  }

  /** Revoked with an earlier login, after a response was lost: a process that has it in memory cannot know before an API says so. */
  #endedByServer(accessToken: string): boolean {
    const below = (node: RefreshTokenNode): readonly AccessTokenNode[] => [
      ...node.accessTokens,
      ...node.children.flatMap(below),
    ]
    const earlier = this.server.families
      .slice(0, -1)
      .flatMap(({ refreshTokens }) => refreshTokens.flatMap(below))
    return earlier.some(({ token, state }) => token === accessToken && state === "revoked")
  }

  #isExpected(error: unknown): boolean {
    if (!isTokenError(error)) return false
    if (error._tag === "LoginRequired" && !this.excused) {
      this.problem ??= `a needless login: ${error.message}`
      return true
    }
    return [
      "LoginRequired",
      "TokenStoreError",
      "TokenEndpointUnavailable",
      "TransportError",
      "InvalidTokenResponse",
    ].includes(error._tag)
  }

  /** Takes over a login that another library has made. */
  async import(client: 0 | 1): Promise<void> {
    const { code } = this.server.authorize({ clientId: "demo-app", state: "s" })
    const body = new URLSearchParams({
      grant_type: "authorization_code",
      client_id: "demo-app",
      client_secret: "demo-secret",
      authorization_code: code,
    })
    const response = await this.server.fetch(`${this.server.url}/oauth/token`, { method: "POST", body })
    if (response.status !== 200) return
    const { access_token, refresh_token, expires_in } = JSON.parse(await response.text())
    await this.session(client)
      .importToken({
        accessToken: access_token,
        refreshToken: refresh_token,
        expiresAt: this.server.clock.now() + expires_in * 1000,
      })
      .then(
        () => {
          this.excused = false
          this.newest = refresh_token
          this.holder = client
          this.previous = undefined
        },
        (error: unknown) => {
          this.excused = true
          this.newest = undefined
          if (!isTokenError(error)) this.problem ??= `unexpected: ${String(error)}`
        },
      )
  }

  /** What only a process that ended had is gone with it, where the store did not take it. */
  async forgetMemory(client: 0 | 1): Promise<void> {
    if (this.holder === client) this.holder = undefined
    if (this.newest === undefined || (await this.#storedRefreshToken()) === this.newest) return
    this.excused = true
    this.newest = undefined
    this.deniesWrites = true
  }

  async #storedRefreshToken(): Promise<unknown> {
    const record = await this.#inner.read(this.storeKey)
    return record == null ? undefined : JSON.parse(JSON.parse(record.value).token).refreshToken
  }

  async login(client: 0 | 1): Promise<void> {
    const { code } = this.server.authorize({ clientId: "demo-app", state: "s".repeat(32) })
    const transaction = Buffer.from(
      JSON.stringify([1, this.server.clock.now(), "s".repeat(32), null, null, null, null]),
    ).toString("base64url")
    await this.session(client)
      .completeAuthorization(`/callback?code=${code}&state=${"s".repeat(32)}`, transaction)
      .then(
        (token) => {
          this.excused = false
          this.newest = token.refreshToken
          this.holder = client
          this.previous = undefined
        },
        (error: unknown) => {
          this.excused = true
          this.newest = undefined
          if (!isTokenError(error)) this.problem ??= `unexpected: ${String(error)}`
        },
      )
  }

  /** Takes the lease for a process that is no more. */
  async takeLease(milliseconds: number): Promise<void> {
    await this.#inner.lease(this.storeKey, "the dead", milliseconds)
  }

  /** @returns who has the newest token in memory, if the store could be put one write back */
  async putBack(): Promise<0 | 1 | undefined> {
    const { previous, holder } = this
    if (previous === undefined || holder === undefined || this.excused) return undefined
    if (this.session(holder).getSnapshot().status !== "ready") return undefined
    await this.#inner.write(this.storeKey, previous)
    return holder
  }

  get storeKey(): string {
    return storeKey({ clientId: "demo-app", tokenEndpoint: `${this.server.url}/oauth/token` }, key)
  }

  get refreshes(): number {
    return this.server.log.filter(({ grantType }) => grantType === "refresh_token").length
  }

  /** When nothing is under way and the store works, the newest refresh token is in the store or waits to be written. */
  async nothingIsLost(): Promise<void> {
    if (this.excused || this.newest === undefined) return
    if ((await this.#storedRefreshToken()) !== this.newest)
      this.problem ??= "the newest refresh token is not in the store"
  }
}

/** Lets promises and the mock server's tasks run, in real time. */
const breathe = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

/** Moves the one time that clients, store and server have. */
const move = (model: Model, duration: Duration.Input) =>
  Effect.gen(function* () {
    yield* TestClock.adjust(duration)
    model.server.clock.set(yield* Clock.currentTimeMillis)
    yield* breathe
  })

const pass = (model: Model, milliseconds: number) =>
  Effect.gen(function* () {
    yield* breathe
    for (let left = milliseconds; left > 0; left -= 250) yield* move(model, Math.min(left, 250))
  })

const settle = (model: Model, running: () => boolean) =>
  Effect.gen(function* () {
    for (let i = 0; i < 400 && running(); i++) yield* move(model, i < 20 ? 50 : 500)
    return !running()
  })

const runHistory = (rotation: keyof typeof rotations, steps: readonly Step[]) =>
  Effect.gen(function* () {
    yield* TestClock.setTime(1_800_000_000_000)
    const clock = yield* Clock.Clock
    const services = yield* Effect.context<never>()
    const sleep = (milliseconds: number) => Effect.runPromiseWith(services)(Effect.sleep(milliseconds))
    const model = new Model(() => clock.currentTimeMillisUnsafe(), sleep, rotation)
    const make = (client: 0 | 1) =>
      fromContext(
        {
          server: ellipsisDrive({ baseUrl: model.server.url }),
          clientId: "demo-app",
          clientSecret: "demo-secret",
          timeout: 2000,
          deadline,
          // An observer that fails costs nobody a token.
          onEvent: (async () => {
            throw new Error("an observer that fails")
          }) as () => void,
        },
        {
          transport: model.transport(client),
          store: tokenStoreCalls(model.store),
          crypto,
          context: Context.add(
            services,
            Clock.Clock,
            clockAhead(clock, () => model.offsets[client]),
          ),
          tracing: noTracing,
        },
        model.store,
      )
    model.clients = [make(0), make(1)]

    let running = 0
    const track = (work: Promise<unknown>) => {
      running++
      void work.finally(() => running--)
    }
    const quiet = Effect.gen(function* () {
      const done = yield* settle(model, () => running > 0)
      if (!done) model.problem ??= "a call never came back"
      // What aborted callers left behind comes to its end too.
      const isBusy = () => (model.clients ?? []).some((client) => !client.isIdle)
      if (!(yield* settle(model, isBusy))) model.problem ??= "a refresh never ended"
    })
    track(model.login(0))
    yield* quiet

    for (const [index, step] of [...steps, { do: "expire" } as const].entries()) {
      const before = model.calls.length
      switch (step.do) {
        case "call":
          model.call(step.client, step.force, step.abort)
          break
        case "reject": {
          model.forced = true
          const session = model.session(step.client)
          const current =
            session.getSnapshot().status === "ready" ? session.getAccessToken().catch(() => "") : undefined
          if (current !== undefined) track(current.then((accessToken) => session.reportRejected(accessToken)))
          break
        }
        case "signOut":
          model.excused = true
          model.newest = undefined
          track(
            model
              .session(step.client)
              .signOut()
              .catch(() => undefined),
          )
          break
        case "login":
          yield* quiet
          // A response that is still to be lost would cost this login too.
          if (model.excused) model.server.faults.clear()
          track(model.login(step.client))
          yield* quiet
          break
        case "pass":
          yield* pass(model, step.milliseconds)
          break
        case "expire":
          // A caller that sleeps past a lease with a request under way has lost it; that is another test.
          yield* quiet
          yield* move(model, "2 hours")
          break
        case "fault":
          // Without a grace period, a response that is lost after the server rotated costs a login.
          if (model.rotation === "always" && ["lost", "cutOff", "hang", "tooSlow"].includes(step.fault))
            model.excused = true
          model.server.faults.next("token", faults[step.fault])
          break
        case "breakStore":
          // A store that fails for longer than a refresh may wait can cost a login, where others share it.
          if (step.call === "write" && step.times > 5 && model.rotation === "always") model.excused = true
          if (step.call === "write" && step.times > 5 && step.after) model.deniesWrites = true
          model.breakStore(step.call, step.times, step.after)
          break
        case "slowStore":
          model.slowStore(step.call, step.times, step.milliseconds)
          break
        case "import":
          yield* quiet
          // The other library has had no trouble.
          model.server.faults.clear()
          track(model.import(step.client))
          yield* quiet
          break
        case "restart": {
          yield* quiet
          const others: readonly [PromiseTokenClient, PromiseTokenClient] = model.clients
          track(others[step.client].close().catch(() => undefined))
          yield* quiet
          yield* Effect.promise(() => model.forgetMemory(step.client))
          const next = make(step.client)
          model.clients = step.client === 0 ? [next, others[1]] : [others[0], next]
          break
        }
        case "deadHolder":
          yield* Effect.promise(() => model.takeLease(step.milliseconds))
          break
        case "setClock":
          // A clock that is ahead asks for tokens early.
          model.forced = true
          // Time that a process seems to have slept is spent: its write is tried twice, and no more.
          if (step.milliseconds > model.offsets[step.client]) model.endWrites()
          model.offsets[step.client] = step.milliseconds
          break
        case "behind": {
          yield* quiet
          model.mendStore()
          model.server.faults.clear()
          yield* quiet
          const holder = yield* Effect.promise(() => model.putBack())
          if (holder === undefined) break
          model.call(holder, true, false)
          track(model.calls.at(-1) ?? Promise.resolve())
          yield* quiet
          break
        }
        case "storm": {
          yield* quiet
          model.mendStore()
          model.server.faults.clear()
          model.forced = true
          const session = model.session(step.client)
          if (session.getSnapshot().status !== "ready") break
          const refreshes = model.refreshes
          for (let call = 0; call < 10; call++) {
            track(
              session.getAccessToken().then(
                (accessToken) => session.reportRejected(accessToken),
                () => undefined,
              ),
            )
            yield* quiet
          }
          // One for the expiry that there may have been, and one for the refusals.
          if (model.refreshes - refreshes > 2) model.problem ??= "each refusal was answered by a refresh"
          break
        }
      }
      if (model.calls.length > before) track(model.calls.at(-1) ?? Promise.resolve())
      yield* breathe
      if (model.problem !== undefined) return `${model.problem}, at step ${index}`
    }

    model.mendStore()
    model.server.faults.clear()
    for (const client of [0, 1] as const) {
      model.call(client, false, false)
      track(model.calls.at(-1) ?? Promise.resolve())
    }
    yield* quiet
    yield* Effect.promise(() => model.nothingIsLost())
    return model.problem
  }).pipe(Effect.provide(TestClock.layer()), Effect.scoped)

/** Against a mutant the same few each time, so that its verdict repeats. */
const histories = () => {
  if (process.env["TEST_MUTANTS"]) return { numRuns: 30, seed: 1 }
  return {
    numRuns: process.env["TEST_FULL"] ? 5000 : 250,
    // A history that hangs fails, with its steps. On a busy machine there are fewer histories.
    timeout: 30_000,
    interruptAfterTimeLimit: 120_000,
  }
}

test.each(Object.keys(rotations) as (keyof typeof rotations)[])(
  "no history breaks a promise, with rotation %s",
  async (rotation) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyStep, { maxLength: process.env["TEST_FULL"] ? 30 : 14 }),
        async (steps) => {
          expect(await Effect.runPromise(runHistory(rotation, steps))).toBeUndefined()
        },
      ),
      histories(),
    )
  },
  180_000,
)
