import { expect, test } from "vitest"
import { World } from "../sessions.js"

/** As many as a client keeps in memory. */
const remembered = 100_000

test("the least recently used session without listeners is dropped if there are too many", () => {
  const client = new World().client()
  const first = client.session("first")
  const second = client.session("second")
  const watched = client.session("watched")
  watched.subscribe(() => {})
  const third = client.session("third")
  for (let count = 5; count < remembered; count++) client.session(`user-${count}`)
  expect(client.session("last")).toBeDefined()
  // 100,000 are there now. The session that was asked for last is kept longest.
  expect(client.session("first")).toBe(first)
  client.session("one-more")
  expect(client.session("first")).toBe(first)
  const again = client.session("second")
  expect(again).not.toBe(second)
  // Each that comes pushes one out, and no more than one.
  expect(client.session("third")).not.toBe(third)
  expect(client.session("second")).toBe(again)
  // It stood before the third.
  expect(client.session("watched")).toBe(watched)
  expect(client.session("last")).toBe(client.session("last"))
})
