/** `createMockServer`: one provider, its engine, and the handles that a test has on it. */
import { issueCode, redirectLocation } from "./authorization-endpoint.js"
import { readAuthorizationRequest, trustRedirect } from "./authorization-request.js"
import { type Clock, createClock } from "./clock.js"
import { basePath, createEngine } from "./engine.js"
import { createFaults, type Faults } from "./faults.js"
import { createFetchMount } from "./fetch-mount.js"
import { createGrants } from "./grants.js"
import { createLog, type LogEntry } from "./log.js"
import { OptionError } from "./option-error.js"
import { type MockServerOptions, resolveOptions } from "./options.js"
import { forLog } from "./parameters.js"
import type { Provider } from "./provider.js"
import { createRandom } from "./random.js"
import { Refusal } from "./refusal.js"
import { createSocketMount, type ListenOptions, type SocketMount } from "./socket-mount.js"

/** What a client would have asked for at the authorization endpoint. */
export interface AuthorizeOptions {
  readonly clientId: string
  /** Leave it out where the authorization request would: the token request must then have none either. */
  readonly redirectUri?: string
  readonly scope?: string
  readonly state?: string
  readonly codeChallenge?: string
  /** `plain` if there is a challenge and this is left out (RFC 7636 section 4.3). */
  readonly codeChallengeMethod?: "S256" | "plain"
  /** Id or name of the user who approves; the first one if left out. */
  readonly user?: string
}

export interface Authorized {
  readonly code: string
  /** Where the browser would be sent: the redirect URI with `code` and `state`. */
  readonly redirectUrl: string
}

export interface MockServer extends AsyncDisposable {
  /** Base URL, ending in `/v3`. Before `listen` it leads nowhere but into `fetch`. */
  readonly url: string
  readonly clock: Clock
  readonly faults: Faults
  /** What happened, oldest first; bounded by `logSize`. */
  readonly log: readonly LogEntry[]
  /** The server as a function; takes what the global `fetch` takes, whatever the host. */
  fetch(input: Request | string | URL, init?: RequestInit): Promise<Response>
  /** Opens a socket; the same state then answers there and in `fetch`. */
  listen(options?: ListenOptions): Promise<MockServer>
  /** A code as if the user had approved; fails with an `OptionError` where the provider would refuse. */
  authorize(options: AuthorizeOptions): Authorized
  /** Frees the port and ends every connection at once, half-open ones too. Can be called again. */
  close(): Promise<void>
}

const inProcessOrigin = "http://mock.localhost"

const wireNames = {
  clientId: "client_id",
  redirectUri: "redirect_uri",
  scope: "scope",
  state: "state",
  codeChallenge: "code_challenge",
  codeChallengeMethod: "code_challenge_method",
} as const

const authorize = (provider: Provider, options: AuthorizeOptions): Authorized => {
  const { settings, clock, log } = provider
  const values = new Map([["response_type", "code"]])
  for (const [name, wireName] of Object.entries(wireNames)) {
    const value: unknown = Reflect.get(options, name)
    if (typeof value === "string" && value !== "") values.set(wireName, value)
    else if (value !== undefined)
      throw new OptionError(`authorize.${name}`, value, "a string that is not empty")
  }
  const parameters = { values, repeated: [] }
  const orFail = <T extends object>(result: T | Refusal): T => {
    if (!(result instanceof Refusal)) return result
    throw new OptionError(
      `authorize: ${result.reason} ${result.field ?? ""}`,
      result.got,
      result.expected ?? "something else",
    )
  }
  const request = orFail(
    readAuthorizationRequest(settings, orFail(trustRedirect(settings, parameters)), parameters),
  )
  const user = settings.users.find(({ id, username }) => id === options.user || username === options.user)
  if (user === undefined && options.user !== undefined) {
    throw new OptionError(
      "authorize.user",
      options.user,
      settings.users.map(({ username }) => username).join(" or "),
    )
  }
  const approver = user ?? settings.users[0]
  const { code } = issueCode(provider, request, approver)
  log.add({
    time: clock.now(),
    endpoint: "authorize",
    method: "direct",
    path: `${basePath}/oauth/authorize`,
    status: 302,
    parameters: forLog(values),
    clientId: request.client.clientId,
    decision: "granted",
    reason: `The test approved as ${approver.username}; a code was issued.`,
  })
  return { code, redirectUrl: redirectLocation(request.redirectUri, { code, state: request.state }) }
}

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
  const clock = createClock(settings.now)
  const log = createLog(settings.logSize)
  const grants = createGrants(createRandom(settings.seed))
  const provider: Provider = { settings, clock, grants, log }
  const faults = createFaults()
  const engine = createEngine(provider, faults)
  const mount = createFetchMount(engine)
  let socket: SocketMount | undefined
  let closing: Promise<void> | undefined

  const close = (): Promise<void> => {
    closing ??= (async () => {
      mount.close()
      clock.stop()
      await socket?.close()
    })()
    return closing
  }

  const server: MockServer = {
    get url() {
      return `${socket?.origin ?? inProcessOrigin}${basePath}`
    },
    clock,
    faults,
    log: log.entries,
    fetch: mount.fetch,
    listen: async (listenOptions) => {
      if (closing !== undefined) throw new Error("listen: this mock server is closed; create another one")
      if (socket !== undefined)
        throw new Error(`listen: this mock server already listens, at ${socket.origin}`)
      socket = await createSocketMount(engine, listenOptions)
      return server
    },
    authorize: (authorizeOptions) => authorize(provider, authorizeOptions),
    close,
    [Symbol.asyncDispose]: close,
  }
  return server
}
