/** The sessions of browsers in the token store: a token under the hash of its cookie, and beside it the time of its last use. */
import { randomUUID } from "node:crypto"
import {
  type Awaitable,
  isTokenError,
  type TokenClient,
  type TokenSession,
  type TokenStoreAdapter,
  TokenStoreError,
  transactionLifetime,
} from "@ellipsis-oauth/core"
import type { AuthRoutesSettings } from "./AuthRoutesOptions.js"
import { hash } from "./hash.js"
import { makeSessionId, type SessionId } from "./SessionId.js"

interface Use {
  /** Milliseconds since the epoch. */
  readonly usedAt: number
  readonly version: string
}

/** A session is marked as used at most once in this part of its idle lifetime, so that most requests write nothing. */
const resolution = 20
/** Milliseconds. */
const coarsest = 3_600_000

export class SessionStore<Session extends TokenSession> {
  readonly #client: TokenClient<Session>
  readonly #store: TokenStoreAdapter
  readonly #settings: AuthRoutesSettings

  constructor(client: TokenClient<Session>, settings: AuthRoutesSettings) {
    this.#client = client
    this.#store = client.store
    this.#settings = settings
  }

  /**
   * The session of a cookie that is still good. One read of the store, in which a logout that another process has
   * served shows at once.
   *
   * @throws TokenStoreError
   */
  async find(id: SessionId | undefined): Promise<Session | undefined> {
    const { now, lifetime, idleLifetime } = this.#settings
    if (id === undefined || now() - id.createdAt >= lifetime) return undefined
    const use = await this.#readUse(id)
    if (use === undefined) return undefined
    const idle = now() - use.usedAt
    if (idle >= idleLifetime) {
      await this.end(id)
      return undefined
    }
    if (idle >= Math.min(idleLifetime / resolution, coarsest)) await this.#touch(id, use)
    return this.#client.session(id.key)
  }

  /**
   * A session of a new id, with what `login` puts into it.
   *
   * @throws TokenStoreError, or what `login` fails with: then nothing is left of it
   */
  async start(login: (session: Session) => Promise<unknown>): Promise<SessionId> {
    const id = makeSessionId(this.#settings.now())
    await this.#writeUse(id, null)
    try {
      await login(this.#client.session(id.key))
    } catch (error) {
      await this.end(id).catch(() => {})
      throw error
    }
    return id
  }

  /**
   * Removes it, here and for everybody who shares the store. Its token goes first: whoever is cut off in between leaves
   * nothing behind that is worth anything, and can try again.
   *
   * @throws TokenStoreError
   */
  async end(id: SessionId): Promise<void> {
    if ((await this.#readUse(id)) === undefined) return
    await this.#client.session(id.key).signOut()
    await call(id.key, () => this.#store.remove(useKey(id)))
  }

  /**
   * Whether this login has not been used before, by any process. A lease marks it: it is atomic and ends by itself,
   * when the transaction is too old to be used.
   *
   * @throws TokenStoreError
   */
  async claimLogin(state: string): Promise<boolean> {
    const key = `auth:login:${hash(state)}`
    const { acquired } = await call(key, () => this.#store.lease(key, randomUUID(), transactionLifetime))
    return acquired
  }

  async #readUse(id: SessionId): Promise<Use | undefined> {
    const record = await call(id.key, () => this.#store.read(useKey(id)))
    if (record === undefined) return undefined
    const usedAt = Number(record.value)
    // A record that nobody here wrote is as good as none.
    return Number.isFinite(usedAt) ? { usedAt, version: record.version } : undefined
  }

  async #writeUse(id: SessionId, ifVersion: string | null): Promise<void> {
    const record = { value: String(this.#settings.now()), version: randomUUID() }
    await call(id.key, () => this.#store.write(useKey(id), record, ifVersion))
  }

  /** Somebody else may have done it already, or ended the session; and a store that takes no write costs nobody a token. */
  async #touch(id: SessionId, { version }: Use): Promise<void> {
    await this.#writeUse(id, version).catch(() => {})
  }
}

const useKey = ({ key }: SessionId): string => `${key}:used`

/** The longest wait for one answer of the store, in milliseconds: a store that hangs must not hang a browser. */
const storeTimeout = 10_000

const call = async <A>(key: string, ask: () => Awaitable<A>): Promise<A> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable(key, "no answer in time")), storeTimeout)
  })
  try {
    return await Promise.race([(async () => ask())(), late])
  } catch (error) {
    throw isTokenError(error) ? error : unavailable(key, codeOf(error))
  } finally {
    clearTimeout(timer)
  }
}

const unavailable = (key: string, detail: string | undefined): TokenStoreError =>
  new TokenStoreError({ reason: "unavailable", key, ...(detail === undefined ? {} : { detail }) })

/** A driver's message may quote what it was given, so only its code is kept. */
const codeOf = (error: unknown): string | undefined =>
  typeof error === "object" && error !== null && "code" in error && /^\w{1,40}$/.test(String(error.code))
    ? String(error.code)
    : undefined
