/** Time, passed in. */
export interface PlatformClock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Milliseconds from any beginning, never set back. */
  monotonic(): number
  /** Rejects when the signal aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
}
