import { expect, test } from "vitest"
import { readBody, readLimitedBody } from "../../src/promise/index.js"

const longest = 1024 * 1024

const bodyOf = (...chunks: readonly Uint8Array[]) => {
  const state = { cancelled: false }
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    },
    cancel: () => {
      state.cancelled = true
    },
  })
  return { body, state }
}

test("a response without a body gives an empty text", async () => {
  expect(await readBody(null)).toBe("")
})

test("a character may be split between two chunks", async () => {
  const bytes = new TextEncoder().encode("ä€😀")
  for (let cut = 0; cut <= bytes.length; cut++) {
    expect(await readBody(bodyOf(bytes.slice(0, cut), bytes.slice(cut)).body)).toBe("ä€😀")
  }
})

test("half a character at the end becomes a replacement character", async () => {
  expect(await readBody(bodyOf(new TextEncoder().encode("a€").slice(0, 2)).body)).toBe("a\ufffd")
})

test("up to 1 MiB is read, and no chunk after that", async () => {
  const half = new Uint8Array(longest / 2).fill(120)
  expect((await readBody(bodyOf(half, half).body)).length).toBe(longest)
  const more = bodyOf(half, half, new Uint8Array([120]), half)
  expect((await readBody(more.body)).length).toBe(longest)
})

test("a body of 1 MiB is whole, and one of a byte more is marked as too long", async () => {
  const mebibyte = new Uint8Array(longest).fill(120)
  expect((await readLimitedBody(bodyOf(mebibyte).body)).isTooLong).toBeUndefined()
  expect((await readLimitedBody(bodyOf(mebibyte, new Uint8Array([120])).body)).isTooLong).toBe(true)
})

test("a body that never ends is cancelled", async () => {
  let isCancelled = false
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
    cancel: () => {
      isCancelled = true
      throw new Error("the connection is gone")
    },
  })
  expect((await readBody(endless)).length).toBe(longest)
  expect(isCancelled).toBe(true)
})
