/** The token store in web storage, shared by the tabs of one origin where it is `local`. */
import { type StoredRecord, type TokenStoreAdapter, withoutRefreshToken } from "@ellipsis-oauth/core/promise"
import { hasLocks, heldLocks, inTurn, tryLock, type Unlock } from "../page/tabLocks.js"
import { readItem, type StorageKind, setItem, withStorage } from "../page/webStorage.js"

export interface WebTokenStoreOptions {
  readonly storage: StorageKind
  /** Whether the refresh token is written down too, and not only kept in memory. */
  readonly persistRefreshToken: boolean
  /** Told whenever memory takes the place of a storage. */
  readonly onFallback: () => void
  /** Told of each change of what all tabs share. */
  readonly onShared?: (() => void) | undefined
}

export interface WebTokenStore extends TokenStoreAdapter {
  /** Forgets what this tab alone has. */
  forget(key: string): void
}

/**
 * How many writes the key has seen, then the record. After a sign-out the number alone; the version stays where a tab
 * without the refresh token has removed a token that expired, for the tab that has it in memory.
 */
type Entry = [writes: number, version?: string, value?: string]

/** More writes than any browser makes. */
const mostWrites = 2 ** 48

/** The entry that was stored, if it has the form of one. */
const readEntry = (storage: StorageKind, key: string): Entry | undefined => {
  const entry = readItem(storage, key)
  if (!Array.isArray(entry)) return undefined
  const [writes, version, value]: readonly unknown[] = entry
  if (!(Number.isSafeInteger(writes) && Number(writes) >= 0 && Number(writes) < mostWrites)) return undefined
  if (typeof version !== "string") return [Number(writes)]
  return typeof value === "string" ? [Number(writes), version, value] : [Number(writes), version]
}

interface HeldLease {
  readonly owner: string
  readonly unlock: Unlock
  timer: ReturnType<typeof setTimeout>
}

/** How long a write is announced, in milliseconds: far longer than storage takes to show it to other tabs. */
const announcement = 1000

export const webTokenStore = (options: WebTokenStoreOptions): WebTokenStore => {
  const { storage, persistRefreshToken, onFallback, onShared } = options
  const isShared = storage === "local"
  /** In place of a storage that cannot be used. */
  const memory = new Map<string, Entry>()
  /** Records with the refresh token that is not written down. */
  const whole = new Map<string, StoredRecord>()
  const leases = new Map<string, HeldLease>()

  const load = (key: string): Entry => readEntry(storage, key) ?? memory.get(key) ?? [0]

  const find = (key: string): StoredRecord | undefined => {
    const [, version, value] = load(key)
    const kept = whole.get(key)
    if (version !== undefined && kept?.version === version) return kept
    return version === undefined || value === undefined ? undefined : { value, version }
  }

  /**
   * A tab may be given a lock before it sees what the lock's last holder wrote, since storage reaches other processes
   * in its own time. So each write is announced, with its number, in the name of a lock, and a reader waits until
   * the storage is as far.
   */
  const settle = async (key: string): Promise<void> => {
    const latest = async () => Math.max(0, ...(await heldLocks(`${key}@`)).map(Number))
    for (let attempt = 0; attempt < 50 && load(key)[0] < (await latest()); attempt++) {
      await pause(20)
    }
  }

  const change = (key: string, ifVersion: string | null | undefined, record?: StoredRecord) => {
    const apply = async () => {
      if (isShared) await settle(key)
      // Without locks, a tab whose refresh token was refused gives the one that was faster time to write its own.
      if (isShared && ifVersion && record === undefined && !hasLocks()) await pause(500)
      const found = find(key)
      if (ifVersion !== undefined && (found?.version ?? null) !== ifVersion) return false
      if (record === undefined && found === undefined) return false
      const writes = load(key)[0] + 1
      const copies = nameCopies(key)
      if (copies !== undefined && ifVersion) setItem("local", copies, [Date.now()])
      const entry: Entry = [writes]
      const isOfAnother = isShared && !persistRefreshToken && whole.get(key)?.version !== ifVersion
      if (record === undefined && ifVersion && isOfAnother) entry.push(ifVersion)
      whole.delete(key)
      if (record !== undefined) {
        const { version, value } = persistRefreshToken ? record : withoutRefreshToken(record)
        entry.push(version, value)
        if (!persistRefreshToken) whole.set(key, record)
      }
      memory.delete(key)
      if (!setItem(storage, key, entry)) {
        memory.set(key, entry)
        onFallback()
      } else if (isShared) {
        const unlock = await tryLock(`${key}@${writes}`)
        setTimeout(() => unlock?.(), announcement)
        onShared?.()
      }
      return true
    }
    return isShared ? inTurn(`${key}!`, apply) : apply()
  }

  /**
   * A duplicated tab has a copy of the record, and of its refresh token. Whichever of the two is first uses it, and
   * says so where all tabs read; the other one is left with the access token.
   */
  const nameCopies = (key: string) => (storage === "session" ? `${key}#${find(key)?.version}` : undefined)

  const disownSpent = (key: string) => {
    const name = nameCopies(key)
    const found = find(key)
    if (name === undefined || found === undefined || readItem("local", name) === undefined) return
    const { version, value } = withoutRefreshToken(found)
    setItem(storage, key, [1, version, value])
  }

  const release = async (key: string, owner: string): Promise<void> => {
    const lease = leases.get(key)
    if (lease?.owner !== owner) return
    clearTimeout(lease.timer)
    leases.delete(key)
    await lease.unlock()
  }

  return {
    read: async (key) => {
      if (isShared) await settle(key)
      return find(key)
    },
    write: (key, record, ifVersion) => change(key, ifVersion, record),
    remove: (key, ifVersion) => change(key, ifVersion),
    lease: async (key, owner, duration) => {
      const held = leases.get(key)
      const refused = { acquired: false, expiresIn: duration }
      if (held !== undefined && held.owner !== owner) return refused
      const name = isShared ? key : nameCopies(key)
      const unlock = held?.unlock ?? (name === undefined ? async () => {} : await tryLock(name))
      if (unlock === undefined) return refused
      disownSpent(key)
      clearTimeout(held?.timer)
      leases.set(key, { owner, unlock, timer: setTimeout(() => release(key, owner), duration) })
      return { acquired: true, expiresIn: duration }
    },
    release,
    forget: (key) => {
      whole.delete(key)
      memory.delete(key)
      if (!isShared) withStorage(storage, (area) => area.removeItem(key))
    },
  }
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
