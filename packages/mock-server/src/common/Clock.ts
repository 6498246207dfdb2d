/** The clock of a server, used for codes, tokens, grace periods and the delays of faults. */
import { type Duration, toMilliseconds } from "./Duration.js"
import { OptionError } from "./OptionError.js"

/** The server's clock, which a test can move. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Moves the time forward and runs everything that becomes due. */
  advance(by: Duration): void
  /** Sets the time, forward or back; the clock continues from there (with a number as `now` it stays stopped). */
  set(epochMilliseconds: number): void
  /** How many responses wait for this clock because a fault delays them. */
  readonly waiting: number
  /** Fulfilled once `count` (default: 1) responses wait; then a test can move the clock past their delay. */
  untilWaiting(count?: number): Promise<void>
}

/** The clock with the methods that only the server uses. */
export interface ServerClock extends Clock {
  /** Calls `run` when `milliseconds` have passed on this clock; the result cancels it. */
  after(milliseconds: number, run: () => void): () => void
  /** The `Date` header (RFC 9110 section 6.6.1). */
  httpDate(): string
  /** Cancels everything that is still waiting. */
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
 * A clock that follows `source`, or is stopped at `source` if that is a number.
 * `moved` is called when a test has moved it. A real timer runs only while something waits on a clock that follows a source.
 */
export const createClock = (
  source: number | (() => number) = Date.now,
  moved: () => void = () => {},
): ServerClock => {
  const isRunning = typeof source === "function"
  const base = isRunning ? source : () => source
  const alarms = new Set<Alarm>()
  const watchers = new Set<{ readonly count: number; readonly notify: () => void }>()
  let offset = 0
  // The header is formatted once per second.
  let dated = Number.NaN
  let date = ""

  const now = () => base() + offset

  const runDue = () => {
    const time = now()
    const due = [...alarms].filter((alarm) => alarm.due <= time).sort((a, b) => a.due - b.due)
    for (const alarm of due) {
      alarms.delete(alarm)
      clearTimeout(alarm.timer)
      alarm.run()
    }
    moved()
  }

  // A custom source may not have moved when the real timer fires, so the timer checks the time again.
  const arm = (alarm: Alarm) => {
    if (!isRunning) return
    const wait = Math.min(Math.max(alarm.due - now(), 1), 2_147_483_647)
    alarm.timer = setTimeout(() => {
      runDue()
      if (alarms.has(alarm)) arm(alarm)
    }, wait)
  }

  return {
    now,
    advance: (by) => {
      offset += toMilliseconds("clock.advance", by)
      runDue()
    },
    set: (epochMilliseconds) => {
      if (!Number.isFinite(epochMilliseconds)) {
        throw new OptionError("clock.set", epochMilliseconds, "milliseconds since the epoch")
      }
      offset += epochMilliseconds - now()
      runDue()
    },
    get waiting() {
      return alarms.size
    },
    untilWaiting: (count = 1) =>
      new Promise((resolve) => {
        if (alarms.size >= count) resolve()
        else watchers.add({ count, notify: resolve })
      }),
    after: (milliseconds, run) => {
      const alarm: Alarm = { due: now() + milliseconds, run, timer: undefined }
      alarms.add(alarm)
      arm(alarm)
      for (const watcher of watchers) {
        if (alarms.size < watcher.count) continue
        watchers.delete(watcher)
        watcher.notify()
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
      runDue()
    },
    stop: () => {
      for (const alarm of alarms) clearTimeout(alarm.timer)
      alarms.clear()
    },
  }
}
