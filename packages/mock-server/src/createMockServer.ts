/** `createMockServer`: one provider, its engine, and the controls that a test uses. */

import { createChangeFeed } from "./common/ChangeFeed.js"
import { createClock } from "./common/Clock.js"
import { createRandom } from "./common/RandomSource.js"
import { createFaults } from "./faults/Faults.js"
import { createApprovals } from "./grants/Approvals.js"
import { createAuthorize } from "./grants/Authorize.js"
import { createGrants } from "./grants/Grants.js"
import type { Provider } from "./grants/Provider.js"
import { expireAccessTokens, listFamilies, revoke, revokeFamily } from "./grants/TokenFamily.js"
import { createLog } from "./log/Log.js"
import { lint } from "./log/lint.js"
import { transcript } from "./log/transcript.js"
import { type MockServerOptions, resolveOptions } from "./protocol/Settings.js"
import { createRouter } from "./server/createRouter.js"
import { basePath, createEngine } from "./server/Engine.js"
import { createFetchMount } from "./server/FetchMount.js"
import type { MockServer } from "./server/MockServer.js"
import { createSocketMount, type SocketMount } from "./server/SocketMount.js"

const inProcessOrigin = "http://mock.localhost"

/**
 * A provider for tests: the OAuth 2.0 endpoints of Ellipsis Drive, as strict as documented.
 * Does no work before its first request; fails with an `OptionError`.
 *
 * @example
 * await using server = createMockServer()
 * const { code } = server.authorize({ clientId: "demo-app" })
 * await server.fetch(`${server.url}/oauth/token`, { method: "POST", body: new URLSearchParams({ … }) })
 */
export const createMockServer = (options?: MockServerOptions): MockServer => {
  const settings = resolveOptions(options)
  const changes = createChangeFeed()
  const provider: Provider = {
    settings,
    clock: createClock(settings.now, changes.publish),
    grants: createGrants(createRandom(settings.seed)),
    log: createLog(settings.logSize),
    approvals: createApprovals(settings),
  }
  const { clock, grants, log, approvals } = provider
  const faults = createFaults()
  const engine = createEngine(provider, faults)
  const router = createRouter({
    engine,
    access: settings.access,
    origin: () => origin,
    loadDashboard: async () => {
      const { createDashboard } = await import("./pages/createDashboard.js")
      return createDashboard({ provider, faults, changes, controls: server })
    },
    loadRemoteControl: async () => {
      const { createRemoteControl } = await import("./remote/createRemoteControl.js")
      return createRemoteControl({ controls: server, cors: settings.cors, changes })
    },
  })
  const mount = createFetchMount(router)
  let socket: Promise<SocketMount> | undefined
  let origin = inProcessOrigin
  let closing: Promise<void> | undefined
  log.subscribe(changes.publish)

  const close = (): Promise<void> => {
    closing ??= (async () => {
      mount.close()
      clock.stop()
      const bound = await socket?.catch(() => undefined)
      await bound?.close()
    })()
    return closing
  }

  const server: MockServer = {
    get url() {
      return origin + basePath
    },
    clock,
    faults,
    authorize: createAuthorize(provider),
    log: log.entries,
    get families() {
      return listFamilies(provider)
    },
    fetch: mount.fetch,
    listen: async (listenOptions) => {
      if (closing !== undefined) throw new Error("listen: this mock server is closed. Create another one.")
      if (socket !== undefined) throw new Error(`listen: this mock server already listens at ${origin}.`)
      socket = createSocketMount(router, listenOptions)
      try {
        origin = (await socket).origin
      } catch (error) {
        socket = undefined
        throw error
      }
      return server
    },
    revoke: (token) => {
      revoke(provider, token)
      changes.publish()
    },
    revokeFamily: (idOrToken) => {
      revokeFamily(provider, idOrToken)
      changes.publish()
    },
    expireAccessTokens: () => {
      expireAccessTokens(provider)
      changes.publish()
    },
    lint: () => lint(log.entries, settings),
    transcript: () => transcript(log.entries),
    subscribe: log.subscribe,
    reset: () => {
      faults.clear()
      approvals.clear()
      grants.clear()
      log.clear()
      clock.reset()
      changes.restart()
    },
    close,
    [Symbol.asyncDispose]: close,
  }
  return server
}
