/** The sessions of browsers in the token store. Each has two records: its token, and the time of its last use. */
import { randomUUID } from "node:crypto"
import {
  type Awaitable,
  isTokenError,
  storeKey,
  type PromiseTokenClient as TokenClient,
  type PromiseTokenSession as TokenSession,
  type TokenStoreAdapter,
  TokenStoreError,
  type TokenStoreErrorReason,
  transactionLifetime,
} from "@ellipsis-oauth/core/promise"
import type { AuthRoutesSettings } from "./AuthRoutesOptions.js"
import { hash } from "./hash.js"
import { makeSessionId, type SessionId } from "./SessionId.js"

/** The second record of a session. */
interface Use {
  /** Milliseconds since the epoch. */
  readonly usedAt: number
  /** The hash of the state of the login that started the session. */
  readonly login: string
  /** The page that the user came back to after that login. */
  readonly returnTo: string
}

interface OpenSession<Session> {
  readonly session: Session
  readonly use: Use
}

interface Login {
  readonly state: string
  readonly returnTo: string
}

/** The last use is written at most this many times in an idle lifetime, so that most requests write nothing. */
const resolution = 20
/** In milliseconds: the last use is written at least this often. */
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
   * The session of a cookie, if it has not ended. It reads the store once, so it sees a logout in another process at once.
   * It removes a session that has ended.
   *
   * @throws TokenStoreError: `corrupt` for a damaged session, which is removed
   */
  async find(id: SessionId | undefined): Promise<Session | undefined> {
    return (await this.#open(id))?.session
  }

  /**
   * The page after the login with this `state`, if that login started this session.
   *
   * @throws TokenStoreError
   */
  async findReturnTo(id: SessionId | undefined, state: string): Promise<string | undefined> {
    const open = await this.#open(id)
    return open?.use.login === this.#hashLogin(state) ? open.use.returnTo : undefined
  }

  /**
   * Makes a session with a new id. `begin` stores its token.
   *
   * @throws TokenStoreError, or the error of `begin`: then the session is removed again
   */
  async start({ state, returnTo }: Login, begin: (session: Session) => Promise<unknown>): Promise<SessionId> {
    const { now, owner } = this.#settings
    const id = makeSessionId(now(), owner)
    await this.#writeUse(id, { usedAt: now(), login: this.#hashLogin(state), returnTo }, null)
    try {
      await begin(this.#client.session(id.key))
    } catch (error) {
      await this.discard(id)
      throw error
    }
    return id
  }

  /**
   * Removes a session for all processes that share the store, even if its records are damaged. The token is removed first,
   * so that it is gone even if the process stops in between. The next call removes the rest.
   *
   * @returns whether there was one
   * @throws TokenStoreError
   */
  async end(id: SessionId): Promise<boolean> {
    // An id that does not exist must not write to the store or publish a sign-out.
    if (!(await this.#has(keyOfUse(id))) && !(await this.#has(this.#tokenKeyOf(id)))) return false
    await this.#client.session(id.key).signOut()
    await call(id.key, () => this.#store.remove(keyOfUse(id)))
    return true
  }

  /** Removes a session that has ended. If the store fails, the next request tries again. */
  async discard(id: SessionId): Promise<void> {
    await this.end(id).catch(() => {})
  }

  /**
   * Claims a login, so that no other request uses it. The claim is a lease, which is atomic and ends by itself when the
   * transaction is too old to be used.
   *
   * @returns a function that releases the claim after a login that failed; `undefined` if the login was used before
   * @throws TokenStoreError
   */
  async claimLogin(state: string): Promise<(() => Promise<void>) | undefined> {
    const key = `auth:login:${this.#hashLogin(state)}`
    const owner = randomUUID()
    const { acquired } = await call(key, () => this.#store.lease(key, owner, transactionLifetime))
    if (!acquired) return undefined
    return () => call(key, async () => this.#store.release(key, owner)).catch(() => {})
  }

  async #open(id: SessionId | undefined): Promise<OpenSession<Session> | undefined> {
    const { now, lifetime, idleLifetime } = this.#settings
    if (id === undefined) return undefined
    if (now() - id.createdAt >= lifetime) {
      await this.discard(id)
      return undefined
    }
    try {
      const found = await this.#readUse(id)
      if (found === undefined) return undefined
      const { use, version } = found
      const idle = now() - use.usedAt
      if (idle >= idleLifetime) {
        await this.discard(id)
        return undefined
      }
      const session = this.#client.session(id.key)
      // The provider or the app's own code may have signed the user out. Then there is no token.
      if ((await session.restore()).status === "signedOut") {
        await this.discard(id)
        return undefined
      }
      if (idle >= Math.min(idleLifetime / resolution, coarsest)) await this.#touch(id, use, version)
      return { session, use }
    } catch (error) {
      if (isDamage(error)) await this.discard(id)
      throw error
    }
  }

  async #readUse(id: SessionId): Promise<{ readonly use: Use; readonly version: string } | undefined> {
    const record = await call(id.key, () => this.#store.read(keyOfUse(id)))
    if (record === undefined || record === null) return undefined
    const use = parseUse(record.value)
    if (use === undefined) throw new TokenStoreError({ reason: "corrupt", key: keyOfUse(id) })
    return { use, version: record.version }
  }

  async #writeUse(id: SessionId, use: Use, ifVersion: string | null): Promise<void> {
    const record = { value: JSON.stringify(use), version: randomUUID() }
    await call(id.key, () => this.#store.write(keyOfUse(id), record, ifVersion))
  }

  /** Errors are ignored: another process may have written first, and the token must be returned all the same. */
  async #touch(id: SessionId, use: Use, version: string): Promise<void> {
    await this.#writeUse(id, { ...use, usedAt: this.#settings.now() }, version).catch(() => {})
  }

  /** Whether a record exists, even if it cannot be read. */
  async #has(key: string): Promise<boolean> {
    try {
      return ((await call(key, () => this.#store.read(key))) ?? undefined) !== undefined
    } catch (error) {
      if (isUnreadable(error)) return true
      throw error
    }
  }

  /** Where core keeps the token of a session. */
  #tokenKeyOf({ key }: SessionId): string {
    const { client, server } = this.#client.endpoint
    return storeKey({ clientId: client.clientId, tokenEndpoint: server.tokenEndpoint }, key)
  }

  #hashLogin(state: string): string {
    return hash(`${this.#settings.owner}:${state}`)
  }
}

const keyOfUse = ({ key }: SessionId): string => `${key}:used`

const parseUse = (value: string): Use | undefined => {
  try {
    const { usedAt, login, returnTo } = JSON.parse(value)
    const isUse = Number.isFinite(usedAt) && typeof login === "string" && typeof returnTo === "string"
    return isUse ? { usedAt, login, returnTo } : undefined
  } catch {
    return undefined
  }
}

const hasReason = (error: unknown, reasons: readonly TokenStoreErrorReason[]): boolean =>
  isTokenError(error) && error._tag === "TokenStoreError" && reasons.includes(error.reason)

/** Whether the record can never be read. A record of another client or encryption key is not damaged. */
const isDamage = (error: unknown): boolean => hasReason(error, ["corrupt"])

const isUnreadable = (error: unknown): boolean => hasReason(error, ["corrupt", "foreign", "wrongKey"])

/** How long to wait for one call of the store, in milliseconds. A store that never responds must not block a browser. */
const storeTimeout = 10_000

const call = async <A>(key: string, ask: () => Awaitable<A>): Promise<A> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable(key, "no response in time")), storeTimeout)
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
  new TokenStoreError({ reason: "unavailable", key, detail })

/** A driver's message may quote its arguments, so only its code is kept. */
const codeOf = (error: unknown): string | undefined =>
  typeof error === "object" && error !== null && "code" in error && /^\w{1,40}$/.test(String(error.code))
    ? String(error.code)
    : undefined
