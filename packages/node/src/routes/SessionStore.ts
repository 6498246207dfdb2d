/** The sessions of browsers in the token store: a token under the hash of its cookie, and beside it when it was used. */
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

/** The record beside a token. */
interface Use {
  /** Milliseconds since the epoch. */
  readonly usedAt: number
  /** The hash of the state of the login that started the session. */
  readonly login: string
  /** Where that login led to. */
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
   * served shows at once. A session that has ended is removed when it is met here.
   *
   * @throws TokenStoreError: `corrupt` for a damaged session, which is removed
   */
  async find(id: SessionId | undefined): Promise<Session | undefined> {
    return (await this.#open(id))?.session
  }

  /**
   * Where the login with this `state` led to, if it is the one that started this session.
   *
   * @throws TokenStoreError
   */
  async findReturnTo(id: SessionId | undefined, state: string): Promise<string | undefined> {
    const open = await this.#open(id)
    return open?.use.login === this.#hashLogin(state) ? open.use.returnTo : undefined
  }

  /**
   * A session of a new id, with what `begin` puts into it.
   *
   * @throws TokenStoreError, or what `begin` fails with: then nothing is left of it
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
   * Removes a session, here and for everybody who shares the store, also where its records are damaged. Its token goes
   * first: a process that is stopped in between leaves nothing of value, and the next call removes the rest.
   *
   * @returns whether there was one
   * @throws TokenStoreError
   */
  async end(id: SessionId): Promise<boolean> {
    // A made-up id must neither write nor publish a sign-out.
    if (!(await this.#has(keyOfUse(id))) && !(await this.#has(this.#tokenKeyOf(id)))) return false
    await this.#client.session(id.key).signOut()
    await call(id.key, () => this.#store.remove(keyOfUse(id)))
    return true
  }

  /** Removes what is left of a session that has ended. Where the store fails, the next request tries again. */
  async discard(id: SessionId): Promise<void> {
    await this.end(id).catch(() => {})
  }

  /**
   * Claims a login that no process has used before. A lease marks it: it is atomic and ends by itself, when the
   * transaction is too old to be used.
   *
   * @returns gives the claim back, for a login that came to nothing; `undefined` where the login was used before
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
      // The provider, or code of the app, may have ended it: then its token is gone.
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

  /** Another process may have done it already, or ended the session; and a failed write must not cost a token. */
  async #touch(id: SessionId, use: Use, version: string): Promise<void> {
    await this.#writeUse(id, { ...use, usedAt: this.#settings.now() }, version).catch(() => {})
  }

  /** Whether a record exists; one that cannot be read exists too. */
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

/** Never readable again. A record of another client, or of a key that is missing, is not damaged. */
const isDamage = (error: unknown): boolean => hasReason(error, ["corrupt"])

const isUnreadable = (error: unknown): boolean => hasReason(error, ["corrupt", "foreign", "wrongKey"])

/** The longest wait for one call of the store, in milliseconds: a store that hangs must not hang a browser. */
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
  new TokenStoreError({ reason: "unavailable", key, ...(detail === undefined ? {} : { detail }) })

/** A driver's message may quote what it was given, so only its code is kept. */
const codeOf = (error: unknown): string | undefined =>
  typeof error === "object" && error !== null && "code" in error && /^\w{1,40}$/.test(String(error.code))
    ? String(error.code)
    : undefined
