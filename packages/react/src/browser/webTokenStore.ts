/** The token store in web storage. With `local`, all tabs of one origin share it. */
import { type StoredRecord, type TokenStoreAdapter, withoutRefreshToken } from "@ellipsis-oauth/core/promise"
import { hasLocks, heldLocks, inTurn, tryLock, type Unlock } from "../page/tabLocks.js"
import { parseItem, readItem, type StorageKind, setItem, withStorage } from "../page/webStorage.js"

export interface WebTokenStoreOptions {
  readonly storage: StorageKind
  /** Whether the refresh token is also written to storage. Otherwise it is kept only in memory. */
  readonly persistRefreshToken: boolean
  /** Called when memory is used because the storage failed. */
  readonly onFallback: () => void
  /** Called for each change of the record in the browser's storage, which other pages and clients may use too. */
  readonly onStored?: (() => void) | undefined
}

export interface WebTokenStore extends TokenStoreAdapter {
  /** Removes what only this tab has. */
  forget(key: string): void
  /** The same, and what all tabs share: at once, since the page may be left before it is this tab's turn to write. */
  removeAtOnce(key: string): void
}

/**
 * The number of writes of the key, then the record. After a sign-out only the number. If a tab without the refresh token
 * removed an expired token, the version stays, for the tab that has the refresh token in memory.
 */
type Entry = [writes: number, version?: string, value?: string]

/** More writes than any browser makes. */
const mostWrites = 2 ** 48

/** No entry. */
const none: Entry = [0]

/** The entry in the text of an item, if it has the right form. */
const parseEntry = (text: string | null): Entry | undefined => {
  const entry = parseItem(text)
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

/** How long a write is announced, in milliseconds: much longer than storage needs to show it to other tabs. */
const announcement = 1000

export const webTokenStore = (options: WebTokenStoreOptions): WebTokenStore => {
  const { storage, persistRefreshToken, onFallback, onStored } = options
  const isShared = storage === "local"
  /** Used if the browser's storage cannot be used. */
  const memory = new Map<string, Entry>()
  /** What was in the storage last: the browser may refuse it while the page is open. */
  const seen = new Map<string, Entry>()
  /** Records with the refresh token that is not written to storage. */
  const whole = new Map<string, StoredRecord>()
  const leases = new Map<string, HeldLease>()

  const load = (key: string): Entry => {
    const stored = withStorage(storage, (area) => parseEntry(area.getItem(key)) ?? none)
    if (stored !== undefined) seen.set(key, stored)
    const known = seen.get(key) ?? none
    return known === none ? (memory.get(key) ?? none) : known
  }

  const find = (key: string): StoredRecord | undefined => {
    const [, version, value] = load(key)
    const kept = whole.get(key)
    if (version !== undefined && kept?.version === version) return kept
    return version === undefined || value === undefined ? undefined : { value, version }
  }

  /**
   * A tab may get a lock before it sees what the lock's last holder wrote, because storage needs some time to reach other
   * processes. So each write is announced, with its number, in the name of a lock, and a reader waits until its storage
   * shows that write.
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
      // Without locks, if the refresh token was refused, wait until a faster tab has written its new token.
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
      seen.set(key, entry)
      if (!setItem(storage, key, entry)) {
        memory.set(key, entry)
        onFallback()
      } else {
        const unlock = isShared ? await tryLock(`${key}@${writes}`) : undefined
        setTimeout(() => unlock?.(), announcement)
        onStored?.()
      }
      return true
    }
    return isShared ? inTurn(`${key}!`, apply) : apply()
  }

  /**
   * A duplicated tab has a copy of the record and its refresh token. The first of the two tabs uses the refresh token, and
   * notes that where all tabs can read it. The other tab keeps only the access token.
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

  const forget = (key: string) => {
    for (const kept of [whole, memory, seen]) kept.delete(key)
    if (!isShared) withStorage(storage, (area) => area.removeItem(key))
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
    forget,
    removeAtOnce: (key) => {
      const [writes, version] = load(key)
      forget(key)
      if (isShared && version !== undefined) setItem(storage, key, [writes + 1])
    },
  }
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
