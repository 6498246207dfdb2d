/** The process that tests start, stop and kill: one client with sessions on a store that others have too. */
import {
  createTokenClient,
  ellipsisDrive,
  isTokenError,
  type TokenSession,
  type TokenStoreAdapter,
} from "../../src/index.js"
import { openStore } from "./location.js"
import { monotonic, watchedFetch } from "./presentations.js"
import type { Call, Command, Message, Outcome, Point, Setup } from "./protocol.js"

const tell = (message: Message): void => {
  process.send?.(message)
}

process.on("uncaughtException", (error) => tell({ type: "fault", fault: String(error.stack) }))
process.on("unhandledRejection", (reason) => tell({ type: "fault", fault: String(reason) }))
// Nobody is left who would end it.
process.on("disconnect", () => process.exit())

/** Holds one call of the store until it is let go. */
const gate = () => {
  let held: { readonly point: Point; skip: number } | undefined
  let letGo = () => {}
  return {
    hold: (point: Point, skip: number) => {
      held = { point, skip }
    },
    letGo: () => letGo(),
    pass: async (point: Point) => {
      if (held?.point !== point || held.skip-- > 0) return
      held = undefined
      const gone = new Promise<void>((resolve) => {
        letGo = resolve
      })
      tell({ type: "held" })
      await gone
    },
  }
}

type Gate = ReturnType<typeof gate>

const gated = (store: TokenStoreAdapter, { pass }: Gate): TokenStoreAdapter => ({
  ...store,
  read: async (key) => {
    const found = await store.read(key)
    await pass("afterRead")
    return found
  },
  write: async (key, record, ifVersion) => {
    await pass("beforeWrite")
    return store.write(key, record, ifVersion)
  },
})

const ask = async (session: TokenSession, { callers, force }: Pick<Call, "callers" | "force">) => {
  const calls = Array.from({ length: callers }, () => session.getAccessToken({ force }))
  const counts = new Map<string, number>()
  for (const settled of await Promise.allSettled(calls)) {
    const outcome = settled.status === "fulfilled" ? { token: settled.value } : describeError(settled.reason)
    const text = JSON.stringify(outcome)
    counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  return [...counts].map(([text, count]): Outcome => ({ ...JSON.parse(text), count }))
}

const describeError = (error: unknown) =>
  isTokenError(error)
    ? { error: error._tag, reason: "reason" in error ? error.reason : undefined, action: error.action }
    : { error: String(error), reason: undefined, action: undefined }

const main = async ({ baseUrl, location, deadline, timeout }: Setup) => {
  const { store, close } = await openStore(location)
  const { hold, letGo, pass } = gate()
  let offset = 0
  const client = createTokenClient({
    server: ellipsisDrive({ baseUrl }),
    clientId: "demo-app",
    clientSecret: "demo-secret",
    redirectUri: "http://localhost:3000/callback",
    timeout,
    deadline,
    store: gated(store, { hold, letGo, pass }),
    fetch: watchedFetch((presentation) => tell({ type: "presentation", presentation })),
    now: () => Date.now() + offset,
    onEvent: (event) =>
      tell({
        type: "event",
        event: event.type,
        attempts: "attempts" in event ? event.attempts : undefined,
      }),
  })

  const run = async (command: Command): Promise<void> => {
    switch (command.type) {
      case "call":
        offset = command.offset
        tell({ type: "outcomes", outcomes: await ask(client.session(command.key), command) })
        return
      case "loop":
        offset = command.offset
        for (;;) {
          const [outcome] = await ask(client.session(command.key), { callers: 1, force: true })
          if (outcome !== undefined && "token" in outcome) tell({ type: "token", token: outcome.token })
        }
      case "hold":
        hold(command.point, command.skip)
        return
      case "letGo":
        letGo()
        return
      case "block": {
        tell({ type: "blocking" })
        const due = monotonic() + command.duration
        while (monotonic() < due);
        return
      }
      case "end":
        await client.close()
        await close()
        process.exit()
    }
  }

  process.on("message", (command: Command) => {
    void run(command)
  })
  tell({ type: "ready" })
}

void main(JSON.parse(process.argv[2] ?? ""))
