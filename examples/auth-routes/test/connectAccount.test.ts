// Users of an app connect their accounts: each one gets their own, and an error is told on the page.
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { createMockServer } from "@ellipsis-oauth/mock-server"
import { createTokenClient, ellipsisDrive } from "@ellipsis-oauth/node"
import express from "express"
import { expect, onTestFinished, test } from "vitest"
import { connectAccount, type OwnSession } from "../src/connectAccount.js"
import { exportAccount } from "../src/job.js"

const start = async () => {
  const users = [
    { id: "1", username: "ada" },
    { id: "2", username: "grace" },
  ]
  const callback = "http://localhost:3000/drive/callback"
  const mock = createMockServer({
    users,
    clients: [{ clientId: "app", clientSecret: "secret", redirectUris: [callback] }],
  })
  await mock.listen()
  onTestFinished(() => mock.close())
  const client = createTokenClient({
    server: ellipsisDrive({ baseUrl: mock.url }),
    clientId: "app",
    clientSecret: "secret",
    redirectUri: callback,
  })
  const own = new Map<string, OwnSession>(users.map(({ username }) => [username, { userId: username }]))
  const app = express()
  app.use(
    "/drive",
    connectAccount(client, (request) => own.get(request.get("x-user") ?? "")),
  )
  const server = app.listen(0)
  await once(server, "listening")
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo

  const visit = (user: string, path: string, init: RequestInit = {}) =>
    fetch(`http://localhost:${port}/drive/${path}`, {
      redirect: "manual",
      headers: { "x-user": user },
      ...init,
    })
  const locationOf = ({ headers }: { readonly headers: Headers }) => headers.get("location") ?? ""
  /** The way through the provider, up to the callback. */
  const approve = async (user: string) => {
    mock.authorize.next({ user: users.find(({ username }) => username === user)?.id ?? "" })
    const redirect = await mock.fetch(locationOf(await visit(user, "connect")))
    return new URL(redirect.headers.get("location") ?? "").search
  }
  return { mock, client, own, visit, approve, locationOf }
}

test("two users connect, call the API, and one disconnects", async () => {
  const { own, visit, approve, locationOf } = await start()
  for (const user of ["ada", "grace"]) {
    expect((await visit(user, "account")).status).toBe(401)
    const back = await visit(user, `callback${await approve(user)}`)
    expect(locationOf(back)).toBe("/settings")
    expect(own.get(user)?.notice).toBe("Ellipsis Drive is connected.")
  }
  for (const user of ["ada", "grace"]) {
    expect(await (await visit(user, "account")).json()).toMatchObject({ username: user })
  }
  await visit("ada", "disconnect", { method: "POST" })
  expect((await visit("ada", "account")).status).toBe(401)
  expect((await visit("grace", "account")).status).toBe(200)
})

test("a callback that another user started connects nobody, and the page says so", async () => {
  const { own, visit, approve } = await start()
  const query = await approve("grace")
  await visit("ada", "connect")
  await visit("ada", `callback${query}`)
  expect(own.get("ada")?.notice).toBe("This sign-in link is not valid. Please sign in again.")
  expect((await visit("ada", "account")).status).toBe(401)
})

test("a user who refuses reads it, and nobody else is sent to the login", async () => {
  const { mock, own, visit } = await start()
  mock.authorize.deny()
  const { headers } = await visit("ada", "connect")
  const redirect = await mock.fetch(headers.get("location") ?? "")
  await visit("ada", `callback${new URL(redirect.headers.get("location") ?? "").search}`)
  expect(own.get("ada")?.notice).toBe("Access was not allowed. You can sign in again.")
})

test("a nightly job tells who has to connect again, and who is tried again later", async () => {
  const { mock, client, visit, approve } = await start()
  const saved: unknown[] = []
  const save = async (account: unknown) => void saved.push(account)
  await visit("ada", `callback${await approve("ada")}`)
  expect(await exportAccount(client, "ada", save)).toBe("done")
  expect(saved).toMatchObject([{ username: "ada" }])
  mock.expireAccessTokens()
  mock.faults.next("refresh", { reply: { status: 503, retryAfter: "40 seconds" } })
  expect(await exportAccount(client, "ada", save)).toBe("later")
  expect(await exportAccount(client, "grace", save)).toBe("disconnected")
})
