/** The leases of a SQLite store. They use the machine's monotonic clock, because the wall clock may be set. */
import type { Lease } from "@ellipsis-oauth/core/promise"
import type { MachineClock } from "./machineClock.js"
import { type Connection, withoutSync } from "./sqliteConnection.js"

interface Row {
  readonly key: string
  readonly owner: string
  /** The clock of `expiresAt`. */
  readonly clock: string
  readonly expiresAt: number
  readonly duration: number
}

/** How many leases that have ended each new lease removes, of either kind. */
const sweepSize = 10
/** How many leases of other clocks are watched at once. */
const longestWatch = 1000

export interface SqliteLeases {
  readonly take: (connection: Connection, key: string, owner: string, duration: number) => Lease
  readonly release: (connection: Connection, key: string, owner: string) => void
}

export const makeSqliteLeases = ({ id: clock, now }: MachineClock): SqliteLeases => {
  const watched = new Map<string, { readonly row: string; readonly since: number }>()

  /**
   * Milliseconds until a lease ends. A lease of another clock (from before a restart of the machine, or of a process without
   * a shared clock) ends when this process has seen it unchanged for its duration.
   */
  const remaining = (lease: Row, time: number): number => {
    if (lease.clock === clock) return lease.expiresAt - time
    const row = `${lease.owner} ${lease.clock} ${lease.expiresAt}`
    const seen = watched.get(lease.key)
    if (seen?.row === row) return seen.since + lease.duration - time
    watched.delete(lease.key)
    watched.set(lease.key, { row, since: time })
    const [oldest] = watched.keys()
    if (watched.size > longestWatch && oldest !== undefined) watched.delete(oldest)
    return lease.duration
  }

  /** Removes leases that have ended. Those of killed processes, and those of used logins, are never released. */
  const sweep = ({ expiredLeases, foreignLeases, removeLease }: Connection, time: number): void => {
    const ended = [...expiredLeases.all(clock, time, sweepSize), ...foreignLeases.all(clock, sweepSize)].map(
      toRow,
    )
    for (const lease of ended) {
      if (remaining(lease, time) > 0) continue
      removeLease.run(lease.key, lease.owner, lease.clock, lease.expiresAt)
      watched.delete(lease.key)
    }
  }

  return {
    take: (connection, key, owner, duration) => {
      const { database, readLease, takeLease } = connection
      for (;;) {
        const time = now()
        const found = readLease.get(key)
        const held = found && toRow(found)
        // A caller that waits for a lease checks it often. A check that writes nothing needs no lock.
        const expiresIn = held === undefined || held.owner === owner ? 0 : remaining(held, time)
        if (expiresIn > 0) return { acquired: false, expiresIn }
        const millis = Math.ceil(duration)
        const seen = [held?.owner ?? null, held?.clock ?? null, held?.expiresAt ?? null]
        const isTaken = withoutSync(database, () => {
          sweep(connection, time)
          return takeLease.run(key, owner, clock, time + millis, millis, ...seen).changes === 1
        })
        watched.delete(key)
        if (isTaken) return { acquired: true, expiresIn: duration }
        // Another process took it after it was read.
      }
    },

    release: ({ database, releaseLease }, key, owner) => {
      withoutSync(database, () => releaseLease.run(key, owner))
    },
  }
}

const toRow = (row: Record<string, unknown>): Row => ({
  key: String(row["key"]),
  owner: String(row["owner"]),
  clock: String(row["clock"]),
  expiresAt: Number(row["expires_at"]),
  duration: Number(row["duration"]),
})
