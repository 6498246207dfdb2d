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
import { startStore, storeKinds } from "../chaos/stores.ts"
import type { ProcessResult, ProcessSetup } from "./processWorker.ts"

const [, , form, worker = ""] = process.argv
const quick = form === "quick"
const users = Array.from({ length: quick ? 10 : 100 }, (_, index) => `user-${index}`)
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

const observeStore = async (kind: (typeof storeKinds)[number], count: number): Promise<void> => {
  const endpoint = await new TokenEndpoint().listen()
  const { origin } = endpoint
  const store = await startStore(kind)
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
  await store.stop()
  endpoint.close()
  console.log(
    JSON.stringify({
      name: "@ellipsis-oauth/node",
      store: kind,
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
  const counts = quick ? [1, 2] : [1, 2, 4, 8]
  for (let round = 0; round < (quick ? 1 : 3); round++) {
    for (const count of counts) {
      for (const kind of storeKinds)
        if (has[kind]() && !(quick && kind !== "SQLite")) await observeStore(kind, count)
      await observeFile(count)
    }
  }
  process.exit()
}

void main()
