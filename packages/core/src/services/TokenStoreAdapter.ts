/** The contract of every token store, as a plain object. */
import type { DurationOption } from "../common/duration.js"

/** A value, or a promise of one: a store may return either. */
export type Awaitable<A> = A | PromiseLike<A>

/** One stored credential. The store must not interpret the two strings. */
export interface StoredRecord {
  /** Up to 64 KiB. It contains secrets. */
  readonly value: string
  /** Unique for each write. */
  readonly version: string
}

/**
 * A token store: five calls, each atomic, and durable when it returns. You can write your own and check it with
 * `testTokenStore` of `@ellipsis-oauth/core/testing`. Any error that a call throws becomes a `TokenStoreError`.
 *
 * A key is a non-empty string of at most 1,024 characters of well-formed Unicode, without NUL. It contains the server and
 * the client id, so that two clients that share a store never use the same key.
 */
export interface TokenStoreAdapter {
  /** The record of a key, or `undefined` if there is none. */
  read(key: string): Awaitable<StoredRecord | undefined>
  /**
   * Stores a record, and returns whether it did. With `ifVersion`, it does so only if the stored record has this version,
   * or, for `null`, if there is no record. If left out, it replaces any record. The version stops a write by a process
   * that has lost its lease.
   */
  write(key: string, record: StoredRecord, ifVersion?: string | null): Awaitable<boolean>
  /** Removes the record, with `ifVersion` only if it has this version, and returns whether it did. */
  remove(key: string, ifVersion?: string): Awaitable<boolean>
  /**
   * Takes the lease of a key for `duration` milliseconds by the store's own clock, or extends it if `owner` already holds
   * it. A lease does not need a record. A lease that has expired is free.
   */
  lease(key: string, owner: string, duration: number): Awaitable<Lease>
  /** Releases the lease, if `owner` still holds it. */
  release(key: string, owner: string): Awaitable<void>
  /**
   * Removes the records that were not written for this long (milliseconds, or `"90 days"`) and returns their number. Only
   * the application calls it. Optional.
   */
  removeStale?(options: { readonly notWrittenFor: DurationOption }): Awaitable<number>
  /** Closes what the store itself opened. The client's `close` calls it. */
  close?(): Awaitable<void>
}

/** The result of `lease`. `expiresIn`: milliseconds until the current lease expires, whether this owner holds it or another one. */
export interface Lease {
  readonly acquired: boolean
  readonly expiresIn: number
}
