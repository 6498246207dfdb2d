/** Many processes that start at once on one expired token: one of them refreshes, and all are served. */
import { createTokenClient, rfc6749 } from "@ellipsis-oauth/node"
import { openStore } from "../../../packages/node/test/processes/location.ts"
import { credentials } from "./credentials.ts"
import { FaultyProxy } from "./FaultyProxy.ts"
import { sentWhileOpen } from "./judge.ts"
import { monotonic } from "./monotonic.ts"
import { logIn, startProvider } from "./provider.ts"
import { startStore } from "./stores.ts"
import { Workers } from "./Workers.ts"

export interface CrowdReport {
  readonly processes: number
  readonly served: number
  readonly refreshes: number
  readonly seconds: number
  /** Of one caller, in milliseconds. */
  readonly longestWait: number
  /** The same processes once more, on the token that is fresh now: what starting them alone takes. */
  readonly secondsFresh: number
  readonly defects: readonly string[]
}

/** Seconds. The refreshed token has to outlive the start of every process. */
const tokenLifetime = 300

export const runCrowd = async (program: string, processes: number): Promise<CrowdReport> => {
  const provider = await startProvider(tokenLifetime)
  const proxy = new FaultyProxy({
    upstream: provider.origin,
    timeout: 60_000,
    deadline: 30_000,
    random: () => 1,
  })
  const tokenEndpoint = `${await proxy.listen()}/token`
  const store = await startStore("SQLite")
  const opened = await openStore(store.location)
  // Its tokens are expired for everybody else: they were issued an hour ago.
  const past = 3_600_000
  const client = createTokenClient({
    server: rfc6749({ authorizationEndpoint: `${provider.origin}/auth`, tokenEndpoint }),
    ...credentials,
    clientAuthentication: "basic",
    store: opened.store,
    now: () => Date.now() - past,
  })
  const user = "ada"
  const { url, transaction } = await client.createAuthorizationRequest({ scope: "projects" })
  const token = await client.session(user).completeAuthorization(await logIn(url, user), transaction)
  proxy.register(token.refreshToken ?? "", user)
  await client.close()

  const defects: string[] = []
  const workers = new Workers({
    program,
    setup: {
      origin: provider.origin,
      tokenEndpoint,
      location: store.location,
      timeout: 60_000,
      deadline: 30_000,
      work: "once",
      users: [user],
    },
    seed: 0,
    onError: ({ error }) => defects.push(`a process got ${error}`),
  })
  const startAll = async (): Promise<number> => {
    const startedAt = monotonic()
    await Promise.all(Array.from({ length: processes }, () => workers.start()))
    await workers.ended()
    return (monotonic() - startedAt) / 1000
  }
  const seconds = await startAll()
  const { tokens: served, longest: longestWait } = workers
  const secondsFresh = await startAll()
  await opened.close()
  proxy.close()
  provider.close()
  await store.stop()

  const { refreshes } = proxy
  defects.push(...workers.faults)
  if (served !== processes) defects.push(`${served} of ${processes} processes were served`)
  if (refreshes !== 1) defects.push(`${refreshes} refreshes instead of 1`)
  if (sentWhileOpen(proxy.logins).length > 0) defects.push("a refresh token was sent while it was open")
  return { processes, served, refreshes, seconds, longestWait, secondsFresh, defects }
}
