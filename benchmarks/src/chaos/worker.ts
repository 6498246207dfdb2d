/** One process of an app: its callers ask for the tokens of many users, and some stop waiting. */
import { createTokenClient, isTokenError, rfc6749, type TokenClient } from "@ellipsis-oauth/node"
import { openStore } from "../../../packages/node/test/processes/location.ts"
import { credentials } from "./credentials.ts"
import { monotonic } from "./monotonic.ts"
import type { CallerError, WorkerMessage, WorkerSetup } from "./protocol.ts"
import { seededRandom } from "./random.ts"

const callers = 8

const tell = (message: WorkerMessage): void => {
  process.send?.(message)
}

process.on("uncaughtException", (error) => tell({ type: "fault", fault: String(error.stack) }))
process.on("unhandledRejection", (reason) => tell({ type: "fault", fault: String(reason) }))
process.on("disconnect", () => process.exit())

const describe = (error: unknown): Pick<CallerError, "error" | "action"> => {
  if (!isTokenError(error)) return { error: String(error), action: undefined }
  const detail = "reason" in error ? error.reason : "status" in error ? error.status : ""
  return { error: `${error._tag} ${detail}`.trim(), action: error.action }
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

const loop = async (client: TokenClient, { users, seed, worker }: WorkerSetup): Promise<void> => {
  const random = seededRandom(seed)
  let counts = { tokens: 0, aborted: 0, longest: 0 }
  setInterval(() => {
    tell({ type: "counts", ...counts })
    counts = { tokens: 0, aborted: 0, longest: 0 }
  }, 100)

  const ask = async (): Promise<void> => {
    const user = users[Math.floor(random() * users.length)] ?? ""
    const force = random() < 0.2
    const abort = new AbortController()
    const timer = random() < 0.1 ? setTimeout(() => abort.abort(), random() * 60) : undefined
    const startedAt = monotonic()
    try {
      await client.session(user).getAccessToken({ force, signal: abort.signal })
      counts.tokens++
    } catch (error) {
      if (abort.signal.aborted) counts.aborted++
      else tell({ type: "error", user, worker, ...describe(error), startedAt, endedAt: monotonic() })
    } finally {
      clearTimeout(timer)
      counts.longest = Math.max(counts.longest, monotonic() - startedAt)
    }
    await pause(random() * 10)
  }
  const caller = async (): Promise<void> => {
    for (;;) await ask()
  }
  await Promise.all(Array.from({ length: callers }, caller))
}

const once = async (client: TokenClient, { users, worker }: WorkerSetup): Promise<void> => {
  const [user = ""] = users
  const startedAt = monotonic()
  try {
    await client.session(user).getAccessToken()
    tell({ type: "counts", tokens: 1, aborted: 0, longest: monotonic() - startedAt })
  } catch (error) {
    tell({ type: "error", user, worker, ...describe(error), startedAt, endedAt: monotonic() })
  }
}

const main = async (setup: WorkerSetup): Promise<void> => {
  const { store, close } = await openStore(setup.location)
  const client = createTokenClient({
    server: rfc6749({
      authorizationEndpoint: `${setup.origin}/auth`,
      tokenEndpoint: setup.tokenEndpoint,
    }),
    ...credentials,
    clientAuthentication: "basic",
    timeout: setup.timeout,
    deadline: setup.deadline,
    userAgent: setup.worker,
    store,
  })
  tell({ type: "ready" })
  if (setup.work === "loop") return loop(client, setup)
  await once(client, setup)
  await client.close()
  await close()
  process.disconnect?.()
}

void main(JSON.parse(process.argv[2] ?? ""))
