import { createMockServer } from "@ellipsis-oauth/mock-server"
import { mswHandlers } from "@ellipsis-oauth/mock-server/msw"
import { HttpResponse, http } from "msw"
import { setupServer } from "msw/node"
import { afterAll, beforeAll, expect, test } from "vitest"

const drive = "https://api.ellipsis-drive.com/v3"
const server = createMockServer()
const msw = setupServer(
  http.get(`${drive}/path/list`, () => HttpResponse.json({ result: [] })), // before those of the mock server
  ...mswHandlers(server),
)
beforeAll(() => msw.listen())
afterAll(() => msw.close())

test("an app that knows nothing of the mock server", async () => {
  const { code } = server.authorize({ clientId: "demo-spa" })
  const parameters = { grant_type: "authorization_code", authorization_code: code, client_id: "demo-spa" }
  const exchange = () =>
    fetch(`${drive}/oauth/token`, { method: "POST", body: new URLSearchParams(parameters) })

  server.faults.next("token", { wire: "reset" })
  await expect(exchange()).rejects.toThrow(TypeError)
  expect((await exchange()).status).toBe(200)
  expect(await (await fetch(`${drive}/path/list`)).json()).toEqual({ result: [] })
})
