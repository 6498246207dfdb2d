import { describe, expect, it, vi } from "vitest"
import { createClock } from "../../src/common/Clock.js"

describe("createClock", () => {
  it("follows its source, and can be moved in addition", () => {
    let source = 1_000
    const clock = createClock(() => source)
    clock.advance("1 second")
    expect(clock.now()).toBe(2_000)
    source += 5
    expect(clock.now()).toBe(2_005)
    clock.set(500)
    source += 1
    expect(clock.now()).toBe(501)
    clock.reset()
    expect(clock.now()).toBe(1_006)
  })

  it("is stopped at a number", () => {
    const clock = createClock(42)
    expect(clock.now()).toBe(42)
    clock.advance(8)
    expect(clock.now()).toBe(50)
  })

  it("calls back in the order of time when it is moved, and never after a cancel", () => {
    const clock = createClock(0)
    const calls: string[] = []
    clock.after(20, () => calls.push("late"))
    clock.after(10, () => calls.push("early"))
    clock.after(10, () => calls.push("cancelled"))()
    clock.advance(9)
    expect(calls).toEqual([])
    clock.advance(20)
    expect(calls).toEqual(["early", "late"])
  })

  it("starts a real timer only on a running clock", () => {
    vi.useFakeTimers()
    try {
      createClock(0).after(10, () => {})
      expect(vi.getTimerCount()).toBe(0)
      const moving = createClock()
      const run = vi.fn()
      moving.after(10, run)
      expect(vi.getTimerCount()).toBe(1)
      vi.advanceTimersByTime(10)
      expect(run).toHaveBeenCalledOnce()
      moving.after(10, run)
      moving.stop()
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  it("reports when something waits for it", async () => {
    const clock = createClock(0)
    let told = false
    const two = clock.untilWaiting(2).then(() => {
      told = true
    })
    clock.after(1, () => {})
    await clock.untilWaiting()
    await Promise.resolve()
    expect([clock.waiting, told]).toEqual([1, false])
    clock.after(1, () => {})
    await two
    clock.advance(1)
    expect(clock.waiting).toBe(0)
  })

  it("writes its time as an HTTP date", () => {
    const clock = createClock(Date.UTC(1994, 10, 6, 8, 49, 37, 999))
    expect(clock.httpDate()).toBe("Sun, 06 Nov 1994 08:49:37 GMT")
    clock.advance(1)
    expect(clock.httpDate()).toBe("Sun, 06 Nov 1994 08:49:38 GMT")
  })

  it("refuses an invalid time", () => {
    expect(() => createClock().set(Number.NaN)).toThrow(
      /^Option "clock\.set" must be milliseconds.*, got NaN\.$/,
    )
  })
})
