import type { TokenEvent } from "@ellipsis-oauth/core"
import { TransportError } from "@ellipsis-oauth/core/promise"
import { expect, it, vi } from "vitest"
import { onNewToken, transformRequest } from "../../src/index.js"
import { createTestTokenClient } from "../../src/testing/index.js"

const tile = "https://api.example.com/tiles/1/2/3"

const authorizes = (url: string | URL) => String(url).startsWith("https://api.example.com/")

it("transformRequest gives the token to the API alone", () => {
  const client = createTestTokenClient({ accessToken: "one", actions: { authorizes } })
  const transform = transformRequest(client)
  expect(transform(tile)).toEqual({ url: tile, headers: { Authorization: "Bearer one" } })
  expect(transform("https://other.example/tile")).toEqual({ url: "https://other.example/tile" })
})

it("transformRequest starts a refresh for a token that has ended, and sends the request without one", () => {
  const getAccessToken = vi.fn(() => Promise.reject(new TransportError({ reason: "network", sent: "no" })))
  const client = createTestTokenClient({
    state: { status: "stale", refresh: { phase: "idle" } },
    actions: { authorizes, getAccessToken },
  })
  expect(transformRequest(client)(tile)).toEqual({ url: tile })
  expect(getAccessToken).toHaveBeenCalledOnce()
  transformRequest(client)("https://other.example/tile")
  expect(getAccessToken).toHaveBeenCalledOnce()
})

it("onNewToken hears of each new token, however it came, until it ends", () => {
  const client = createTestTokenClient()
  const listener = vi.fn()
  const stop = onNewToken(client, listener)
  const timing = { key: "test", at: 0, duration: 1, attempts: 1 }
  const events: readonly TokenEvent[] = [
    { type: "tokenIssued", ...timing },
    { type: "refreshed", rotated: true, ...timing },
    { type: "adopted", ...timing },
  ]
  for (const event of events) client.emit(event)
  expect(listener).toHaveBeenCalledTimes(3)
  client.emit({ type: "refreshStarted", key: "test", at: 0 })
  client.emit({ type: "signedOut", reason: "logout", key: "test", at: 0 })
  expect(listener).toHaveBeenCalledTimes(3)
  stop()
  for (const event of events) client.emit(event)
  expect(listener).toHaveBeenCalledTimes(3)
})
