import type { HttpRequest } from "@ellipsis-oauth/core/promise"
import { expect, test } from "vitest"
import { fetchTransport } from "../../src/browser/fetchTransport.js"

const request = { url: "https://drive.example/v3/oauth/token", method: "POST", headers: {}, body: "" }

test.each([
  ["a short body is whole", 10, { isTooLong: undefined, length: 10 }],
  ["a body that is too long says so", 1024 * 1024 + 1, { isTooLong: true, length: 1024 * 1024 }],
])("%s", async (_, size, expected) => {
  const send = fetchTransport(async () => new Response("x".repeat(size)))
  const { body, isTooLong } = await send(request as unknown as HttpRequest, new AbortController().signal)
  expect({ isTooLong, length: body.length }).toEqual(expected)
})
