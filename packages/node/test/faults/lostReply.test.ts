import type { Fault } from "@ellipsis-oauth/mock-server"
import { expect, test } from "vitest"
import { rejection } from "../fixtures.js"
import { describeDatabases } from "../processes/databases.js"
import { World } from "../processes/World.js"

/** Long enough for the pause before the second attempt. */
const options = { deadline: 3000 }

const lost: Record<string, Fault> = {
  "a reset": { at: "afterCommit", wire: "reset" },
  "half a reply": { at: "afterCommit", wire: "closeInBody" },
  "a gateway's error": { at: "afterCommit", reply: { status: 502 } },
}

describeDatabases("any", (database) => {
  test.each(Object.entries(lost))(
    "%s in place of the new token, with a grace period: no login",
    async (_, fault) => {
      const world = await World.open({ rotation: { grace: "1 minute" } })
      const store = await database.open()
      const client = world.client(store, options)
      const accessToken = await world.login(client)
      world.expire()
      world.server.faults.next("token", fault)
      const fresh = await client.session(world.key).getAccessToken()
      expect(fresh).not.toBe(accessToken)
      expect((await world.stored(store))?.accessToken).toBe(fresh)
      expect(world.refreshes).toBe(2)
      expect(world.server.lint()).toEqual([])
      await world.expectSound(store)
    },
  )

  test("without a grace period: this user has to log in, and no other", async () => {
    const world = await World.open({ rotation: "always" })
    const store = await database.open()
    const client = world.client(store, options)
    const neighbour = `lin-${world.key}`
    await world.login(client)
    await world.login(client, neighbour)
    world.expire()
    world.server.faults.next("token", { at: "afterCommit", wire: "reset" })

    const error = await rejection(client.session(world.key).getAccessToken())
    expect(error).toMatchObject({ _tag: "LoginRequired", reason: "revoked", action: "login" })
    expect(client.session(world.key).getSnapshot()).toMatchObject({ status: "signedOut", reason: "revoked" })
    expect(await store.read(world.storeKey())).toBeUndefined()
    // What the provider has refused is not tried again.
    const refreshes = world.refreshes
    expect(await rejection(client.session(world.key).getAccessToken())).toMatchObject({ reason: "noToken" })
    expect(world.refreshes).toBe(refreshes)

    expect(await client.session(neighbour).getAccessToken()).toBe(
      (await world.stored(store, neighbour))?.accessToken,
    )
    const accessToken = await world.login(client)
    expect(await client.session(world.key).getAccessToken()).toBe(accessToken)
    expect(world.server.lint()).toEqual([])
    await world.expectSound(store, { keys: [world.key, neighbour] })
  })
})
