import { expect, onTestFinished, test, vi } from "vitest"
import { makeWithDeadline, type Timed } from "../../src/stores/databaseDeadline.js"
import { rejection } from "../fixtures.js"

/** A process and a database, each with a clock of its own. */
const world = () => {
  const clocks = { own: 1000, server: 1_700_000_000_000 }
  const clock = vi.spyOn(performance, "now").mockImplementation(() => clocks.own)
  onTestFinished(() => clock.mockRestore())
  const elapse = (milliseconds: number) => {
    clocks.own += milliseconds
    clocks.server += milliseconds
  }
  const withDeadline = makeWithDeadline()
  const deadlines: number[] = []
  return {
    clocks,
    elapse,
    deadlines,
    /** A call that takes `before` milliseconds to the database, and `after` back. */
    run: (before: number, after: number) =>
      withDeadline(
        async () => {
          elapse(before)
          const { server } = clocks
          elapse(after)
          return server
        },
        async (deadline): Promise<Timed<string>> => {
          deadlines.push(deadline - clocks.server)
          elapse(before)
          const serverTime = clocks.server
          elapse(after)
          return { result: serverTime > deadline ? undefined : "done", serverTime }
        },
      ),
  }
}

test("the deadline is eight seconds after the call, by the clock of the database", async () => {
  const { run, deadlines } = world()
  expect(await run(0, 0)).toBe("done")
  expect(deadlines).toEqual([8000])
})

test("the unknown time of the response is subtracted, so that no call works after its caller gave up", async () => {
  const { run, deadlines } = world()
  expect(await run(1000, 500)).toBe("done")
  // Of the eight seconds, 1.5 went by to learn the time, whose way back of 0.5 may have been none.
  expect(deadlines).toEqual([6000])
})

test("a database that is slow to return its time is not called", async () => {
  const { run, deadlines } = world()
  expect(String(await rejection(run(12_000, 0)))).toContain("received the call too late")
  expect(deadlines).toEqual([])
})

test.each([-3_600_000, -60_000, 60_000, 3_600_000])(
  "after the clock of the database was set by %i ms, calls work",
  async (step) => {
    const { run, clocks } = world()
    await run(1, 1)
    clocks.server += step
    expect(await run(1, 1)).toBe("done")
    expect(await run(1, 1)).toBe("done")
  },
)

test("a call that fails has no effect on the next", async () => {
  const { run, elapse } = world()
  await run(1, 1)
  expect(String(await rejection(run(12_000, 0)))).toContain("received the call too late")
  elapse(1000)
  expect(await run(1, 1)).toBe("done")
})

test("a database whose clock is set again and again is called twice", async () => {
  const { clocks, elapse } = world()
  const withDeadline = makeWithDeadline()
  let calls = 0
  const call = withDeadline(
    async () => clocks.server,
    async (deadline): Promise<Timed<string>> => {
      calls += 1
      elapse(1000)
      return { result: undefined, serverTime: deadline + 60_000 * calls }
    },
  )
  expect(String(await rejection(call))).toContain("received the call too late")
  expect(calls).toBe(2)
})
