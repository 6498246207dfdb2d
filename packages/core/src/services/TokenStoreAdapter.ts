/** What a token store has to do, as a plain object: the one contract for stores of apps and of this library. */
import type { DurationOption } from "../common/duration.js"

/** A value, or a promise of one: a store may be either. */
export type Awaitable<A> = A | PromiseLike<A>

/** One credential as it is stored. Both strings are opaque to the store. */
export interface StoredRecord {
  /** Up to 64 KiB, with secrets in it. */
  readonly value: string
  /** Names this write, and no other write ever. */
  readonly version: string
}

/**
 * What a store supplies: five calls, each atomic, and durable when it returns. Write your own and check it with
 * `testTokenStore` of `@ellipsis-oauth/core/testing`. Whatever a call throws becomes a `TokenStoreError`.
 *
 * A key is a non-empty string of at most 1,024 characters of well-formed Unicode, without NUL. It carries the server and
 * the client id, so that two clients that share a store never meet at one key.
 */
export interface TokenStoreAdapter {
  /** The record of a key; `undefined` where there is none. */
  read(key: string): Awaitable<StoredRecord | undefined>
  /**
   * Stores a record, and tells whether it did. `ifVersion` is the version that must be there, or `null` where none may
   * be; left out, the record replaces whatever is there. This is the fence that keeps out a holder whose lease ran out.
   */
  write(key: string, record: StoredRecord, ifVersion?: string | null): Awaitable<boolean>
  /** Removes the record, if it has this version (or whatever is there), and tells whether it did. */
  remove(key: string, ifVersion?: string): Awaitable<boolean>
  /**
   * Takes the lease of a key for `duration` milliseconds by the store's own clock, or prolongs it where `owner` has it
   * already. A lease needs no record, and one that ran out is free.
   */
  lease(key: string, owner: string, duration: number): Awaitable<Lease>
  /** Gives the lease back, if `owner` still has it. */
  release(key: string, owner: string): Awaitable<void>
  /**
   * Removes the records that were not written for this long (milliseconds, or `"90 days"`) and tells how many they were.
   * Nobody calls it but the application. Optional.
   */
  removeStale?(options: { readonly notWrittenFor: DurationOption }): Awaitable<number>
  /** Frees what the store itself opened. Called by the client's `close`. */
  close?(): Awaitable<void>
}

/** `expiresIn`: milliseconds until the lease that is there, one's own or another holder's, runs out. */
export interface Lease {
  readonly acquired: boolean
  readonly expiresIn: number
}
