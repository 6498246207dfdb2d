/** `processes quick|full WORKER`: several processes on one store, for each store; a line of JSON for each number of them. */
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createTokenClient, rfc6749 } from "@ellipsis-oauth/node"
import { openStore } from "../../../packages/node/test/processes/location.ts"
import { hasPostgres, hasRedis } from "../../../packages/node/test/stores/servers.ts"
import { credentials } from "../behaviour/Login.ts"
import { TokenEndpoint } from "../behaviour/TokenEndpoint.ts"
import { type RunningStore, startStore, storeKinds } from "../chaos/stores.ts"
import type { ProcessResult, ProcessSetup } from "./processWorker.ts"

const [, , form, worker = ""] = process.argv
const quick = form === "quick"
/** Others in each round, since a store goes on. */
const usersOf = (round: string): readonly string[] =>
  Array.from({ length: quick ? 10 : 30 }, (_, index) => `${round}-user-${index}`)
const has = { SQLite: () => true, Postgres: hasPostgres, Redis: hasRedis } as const
const past = 3_700_000

/** Starts so many processes, lets them begin at once, and waits for the last one. */
const measure = async (count: number, setup: ProcessSetup) => {
  const children: ChildProcess[] = Array.from({ length: count }, () =>
    fork(worker, [JSON.stringify(setup)], { execArgv: [] }),
  )
  await Promise.all(children.map((child) => once(child, "message")))
  const startedAt = performance.now()
  const results = await Promise.all(
    children.map(async (child): Promise<ProcessResult> => {
      child.send("go")
      const [result] = await once(child, "message")
      return result
    }),
  )
  const wallTime = performance.now() - startedAt
  for (const child of children) child.disconnect()
  await Promise.all(children.map((child) => child.exitCode ?? once(child, "exit")))
  const sum = (read: (result: ProcessResult) => number) =>
    results.reduce((total, each) => total + read(each), 0)
  return {
    tokens: sum(({ tokens }) => tokens),
    errors: sum(({ errors }) => errors),
    processorTime: sum(({ processorTime }) => processorTime),
    wallTime,
  }
}

const observeStore = async (store: RunningStore, count: number, round: number): Promise<void> => {
  const endpoint = await new TokenEndpoint().listen()
  const { origin } = endpoint
  const users = usersOf(`${round}-${count}`)
  const opened = await openStore(store.location)
  // For everybody else its tokens have expired.
  const client = createTokenClient({
    server: rfc6749({ authorizationEndpoint: `${origin}/authorize`, tokenEndpoint: `${origin}/token` }),
    ...credentials,
    store: opened.store,
    now: () => Date.now() - past,
  })
  for (const user of users) {
    const { transaction, url } = await client.createAuthorizationRequest()
    const state = new URL(url).searchParams.get("state")
    const callbackUrl = `${credentials.redirectUri}?code=code&state=${state}`
    await client.session(user).completeAuthorization(callbackUrl, transaction)
  }
  await client.close()
  const before = endpoint.requests.length
  const measured = await measure(count, { origin, users, location: store.location })
  const requests = endpoint.requests.length - before
  await opened.close()
  endpoint.close()
  console.log(
    JSON.stringify({
      name: "@ellipsis-oauth/node",
      store: store.location.kind,
      count,
      requests,
      refused: endpoint.refusals,
      ...measured,
    }),
  )
}

const observeFile = async (count: number): Promise<void> => {
  const endpoint = await new TokenEndpoint().listen()
  const folder = mkdtempSync(join(tmpdir(), "ellipsis-oauth-"))
  const file = join(folder, "tokens.json")
  const users = usersOf("file")
  const tokens: Record<string, string> = {}
  for (const user of users) {
    const body = new URLSearchParams({ grant_type: "authorization_code", code: "code" })
    const response = await fetch(`${endpoint.origin}/token`, { method: "POST", body })
    tokens[user] = ((await response.json()) as { readonly refresh_token: string }).refresh_token
  }
  writeFileSync(file, JSON.stringify(tokens))
  const before = endpoint.requests.length
  const measured = await measure(count, { origin: endpoint.origin, users, file })
  const requests = endpoint.requests.length - before
  rmSync(folder, { recursive: true, force: true })
  endpoint.close()
  console.log(
    JSON.stringify({
      name: "google-auth-library",
      store: "a file",
      count,
      requests,
      refused: endpoint.refusals,
      ...measured,
    }),
  )
}

const main = async (): Promise<void> => {
  const stores: RunningStore[] = []
  for (const kind of quick ? (["SQLite"] as const) : storeKinds) {
    if (has[kind]()) stores.push(await startStore(kind))
  }
  for (let round = 0; round < (quick ? 1 : 2); round++) {
    for (const count of quick ? [1, 2] : [1, 2, 4, 8]) {
      for (const store of stores) await observeStore(store, count, round)
      await observeFile(count)
    }
  }
  for (const store of stores) await store.stop()
  process.exit()
}

void main()
