// The services of an Effect program over the mock server of a `World`, and places where a refresh can be stopped.
import { webcrypto } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { TokenStore, type TokenStoreAdapter, Transport, WebCrypto } from "../../src/index.js"
import { transportTo, type World } from "../sessions.js"

export const servicesOf = (world: World, store: TokenStoreAdapter = world.store) =>
  Layer.mergeAll(
    Layer.succeed(Transport, transportTo(world.server)),
    TokenStore.fromAdapter(store),
    WebCrypto.layer(webcrypto as never),
  )

/** Logs a user in through a client of its own, and forgets that client. */
export const logIn = (world: World, key: string) =>
  Effect.promise(async () => {
    const { client, accessToken } = await world.loggedIn({}, key)
    await client.close()
    return accessToken
  })

/** The stored token's secrets. */
export const storedToken = (world: World, key: string) =>
  Effect.promise(async () => {
    const record = await world.store.read(world.key(key))
    const { token } = JSON.parse(record?.value ?? "{}")
    return JSON.parse(token ?? "{}") as { readonly accessToken?: string; readonly refreshToken?: string }
  })

/** Where something is stopped until it is let go. */
export interface Gate {
  readonly full: Promise<void>
  release(): void
}

const makeGate = (): Gate & { readonly open: Promise<void>; readonly come: () => void } => {
  const { promise: full, resolve: come } = Promise.withResolvers<void>()
  const { promise: open, resolve: release } = Promise.withResolvers<void>()
  return { full, come, open, release }
}

/** A store that cannot be used once it is closed, as a database cannot. Its next write waits where it is asked to. */
export const closableStore = (world: World, holdWrite: boolean) => {
  const gate = makeGate()
  let isClosed = false
  const store: TokenStoreAdapter = {
    ...world.store,
    write: async (key, record, ifVersion) => {
      if (holdWrite) {
        gate.come()
        await gate.open
      }
      if (isClosed) throw new Error("the store was closed before the write")
      return world.store.write(key, record, ifVersion)
    },
    close: () => {
      isClosed = true
    },
  }
  return { store, gate }
}
