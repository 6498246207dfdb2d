import { createTestTokenClient } from "@ellipsis-oauth/react/testing"
import { expect, it, vi } from "vitest"
import { axiosOf } from "../src/axios.js"

it("axios goes through the client's fetch", async () => {
  const fetch = vi.fn(async (_input: RequestInfo | URL) => Response.json({ name: "Ada" }))
  const client = createTestTokenClient({ actions: { fetch } })
  const { data } = await axiosOf(client).get("/account")
  expect(data).toEqual({ name: "Ada" })
  const [input] = fetch.mock.calls[0] ?? []
  expect(new Request(input ?? "").url).toBe("https://api.ellipsis-drive.com/v3/account")
})
