import { describe, expect, test } from "vitest"
import { unlessAborted, withTimeout } from "../../src/common/abort.js"
import { systemClock } from "../../src/platform/systemClock.js"
import { rejection } from "../sessions.js"

const never = () => new Promise<never>(() => {})

describe("unlessAborted", () => {
  test("gives the result, and listens no longer", async () => {
    const { signal } = new AbortController()
    let listeners = 0
    const counted = {
      aborted: false,
      reason: undefined,
      addEventListener: () => void listeners++,
      removeEventListener: () => void listeners--,
    }
    expect(await unlessAborted(signal, async () => 1)).toBe(1)
    expect(await unlessAborted(counted as never, async () => 2)).toBe(2)
    expect(await rejection(unlessAborted(counted as never, () => Promise.reject(3)))).toBe(3)
    expect(listeners).toBe(0)
  })

  test("does not begin for a signal that is aborted, and rejects with its reason", async () => {
    let begun = false
    const work = async () => {
      begun = true
    }
    expect(await rejection(unlessAborted(AbortSignal.abort("why"), work))).toBe("why")
    expect(begun).toBe(false)
  })

  test("rejects as soon as the signal aborts", async () => {
    const controller = new AbortController()
    const waiting = rejection(unlessAborted(controller.signal, never))
    controller.abort("enough")
    expect(await waiting).toBe("enough")
  })
})

describe("withTimeout", () => {
  test("aborts the work when the time is over, and when the caller gives up", async () => {
    for (const outer of [undefined, new AbortController()]) {
      let aborted = false
      const work = (signal: AbortSignal) => {
        signal.addEventListener("abort", () => {
          aborted = true
        })
        return never()
      }
      const clock = outer === undefined ? { ...systemClock(), sleep: async () => {} } : systemClock()
      const waiting = rejection(withTimeout(clock, 60_000, work, () => "late", outer?.signal))
      outer?.abort("left")
      expect(await waiting).toBe(outer === undefined ? "late" : "left")
      expect(aborted).toBe(true)
    }
  })

  test("ends the timer when the work is done", async () => {
    let signal: AbortSignal | undefined
    const clock = {
      ...systemClock(),
      sleep: (_: number, given?: AbortSignal) => {
        signal = given
        return never()
      },
    }
    expect(await withTimeout(clock, 60_000, async () => "done", never)).toBe("done")
    expect(signal?.aborted).toBe(true)
  })
})

describe("the system's clock", () => {
  test("sleeps, and wakes when the signal aborts", async () => {
    const clock = systemClock()
    await clock.sleep(1)
    const controller = new AbortController()
    const sleeping = rejection(clock.sleep(60_000, controller.signal))
    controller.abort("up")
    expect(await sleeping).toBe("up")
    expect(await rejection(clock.sleep(60_000, AbortSignal.abort("never slept")))).toBe("never slept")
  })
})
