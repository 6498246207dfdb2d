/** The one clock of a server: codes, tokens, grace periods and the delays of faults all read it. */
import { type Duration, toMilliseconds } from "./Duration.js"
import { OptionError } from "./OptionError.js"

/** A test's handle on time. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Moves the time forward and lets everything that falls due happen. */
  advance(by: Duration): void
  /** Sets the time, forward or back; it goes on from there (or stands still, with a number as `now`). */
  set(epochMilliseconds: number): void
  /** How many replies wait for this clock, held up by a fault's delay. */
  readonly waiting: number
  /** Fulfilled once `count` (default: 1) wait, so that a test can then move the clock past them. */
  untilWaiting(count?: number): Promise<void>
}

/** What the server itself needs of time, besides reading it. */
export interface ServerClock extends Clock {
  /** Calls `run` when `milliseconds` have passed on this clock; the result cancels it. */
  after(milliseconds: number, run: () => void): () => void
  /** The `Date` header (RFC 9110 section 6.6.1). */
  httpDate(): string
  /** Forgets everything that is still waiting. */
  stop(): void
  /** Undoes every `advance` and `set`. */
  reset(): void
}

interface Alarm {
  readonly due: number
  readonly run: () => void
  timer: ReturnType<typeof setTimeout> | undefined
}

/**
 * A clock that follows `source`, or stands still at `source` if that is a number.
 * `moved` is called when a test has moved it. A real timer exists only while something waits on a clock that moves by itself.
 */
export const createClock = (
  source: number | (() => number) = Date.now,
  moved: () => void = () => {},
): ServerClock => {
  const moves = typeof source === "function"
  const base = moves ? source : () => source
  const alarms = new Set<Alarm>()
  const watchers = new Set<{ readonly count: number; readonly tell: () => void }>()
  let offset = 0
  // It changes once a second.
  let dated = Number.NaN
  let date = ""

  const now = () => base() + offset

  const ring = () => {
    const time = now()
    const due = [...alarms].filter((alarm) => alarm.due <= time).sort((a, b) => a.due - b.due)
    for (const alarm of due) {
      alarms.delete(alarm)
      clearTimeout(alarm.timer)
      alarm.run()
    }
    moved()
  }

  // A source of the test's own may stand still while the real timer runs out, so a timer only looks again.
  const arm = (alarm: Alarm) => {
    if (!moves) return
    const wait = Math.min(Math.max(alarm.due - now(), 1), 2_147_483_647)
    alarm.timer = setTimeout(() => {
      ring()
      if (alarms.has(alarm)) arm(alarm)
    }, wait)
  }

  return {
    now,
    advance: (by) => {
      offset += toMilliseconds("clock.advance", by)
      ring()
    },
    set: (epochMilliseconds) => {
      if (!Number.isFinite(epochMilliseconds)) {
        throw new OptionError("clock.set", epochMilliseconds, "milliseconds since the epoch")
      }
      offset += epochMilliseconds - now()
      ring()
    },
    get waiting() {
      return alarms.size
    },
    untilWaiting: (count = 1) =>
      new Promise((resolve) => {
        if (alarms.size >= count) resolve()
        else watchers.add({ count, tell: resolve })
      }),
    after: (milliseconds, run) => {
      const alarm: Alarm = { due: now() + milliseconds, run, timer: undefined }
      alarms.add(alarm)
      arm(alarm)
      for (const watcher of watchers) {
        if (alarms.size < watcher.count) continue
        watchers.delete(watcher)
        watcher.tell()
      }
      return () => {
        alarms.delete(alarm)
        clearTimeout(alarm.timer)
      }
    },
    httpDate: () => {
      const second = Math.floor(now() / 1_000)
      if (second !== dated) {
        dated = second
        date = new Date(second * 1_000).toUTCString()
      }
      return date
    },
    reset: () => {
      offset = 0
      ring()
    },
    stop: () => {
      for (const alarm of alarms) clearTimeout(alarm.timer)
      alarms.clear()
    },
  }
}
