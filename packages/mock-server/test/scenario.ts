/** One sequence of requests, sent by fetch, a socket or the command: the log must be the same. */
import { setupServer } from "msw/node"
import type { Fault, MockServer } from "../src/index.js"
import { mswHandlers } from "../src/msw.js"
import type { buildCommand } from "./buildCommand.js"
import { call, get } from "./remote.js"
import { app, stillServer } from "./tokens.js"

/** How the client sends requests, and how the test controls clock and faults. */
interface Way {
  /** The client's base URL. */
  readonly url: string
  readonly fetch: typeof globalThis.fetch
  readonly advance: (by: "2 hours") => void | Promise<void>
  readonly failNext: (...faults: readonly Fault[]) => void | Promise<void>
}

/** What the client received. A missing response is `"no response"`, because not every way of sending reports the cause. */
const sendScenario = async ({ url, fetch, advance, failNext }: Way): Promise<readonly string[]> => {
  const post = (body: string | URLSearchParams, headers: Record<string, string> = {}) =>
    fetch(`${url}/oauth/token`, { method: "POST", body, headers }).then(
      (response) => response.text(),
      () => "no response",
    )
  const redirect = await fetch(`${url}/oauth/authorize?response_type=code&client_id=demo-app&state=a%20b`, {
    redirect: "manual",
  })
  const code = new URL(redirect.headers.get("location") ?? "").searchParams.get("code")
  const login = await post(JSON.stringify({ grant_type: "authorization_code", authorization_code: code }), {
    authorization: `Basic ${btoa(`${app.client_id}:${app.client_secret}`)}`,
    "content-type": "application/json",
  })
  const { access_token, refresh_token } = JSON.parse(login)
  await advance("2 hours")
  const refused = await fetch(`${url}/account`, { headers: { authorization: `Bearer ${access_token}` } })
  await failNext({ reply: { status: 503, retryAfter: 1_000 } }, { at: "afterCommit", wire: "reset" })
  const responses = [login, await refused.text()]
  for (let i = 0; i < 3; i++)
    responses.push(await post(new URLSearchParams({ grant_type: "refresh_token", refresh_token, ...app })))
  responses.push(await post("%zz"), await (await fetch(`${url}/nothing`)).text())
  return responses
}

/** Log, families, findings and transcript of a server in this process. */
const report = async (server: MockServer, responses: readonly string[]) => ({
  responses,
  log: [...server.log],
  families: server.families,
  lint: server.lint(),
  transcript: server.transcript(),
})

/** The options of a server whose log is always the same. */
const storyOptions = { rotation: "always" } as const

const own = (server: MockServer): Omit<Way, "url" | "fetch"> => ({
  advance: server.clock.advance,
  failNext: (...faults) => server.faults.next("token", ...faults),
})

export const throughFunction = async () => {
  await using server = stillServer(storyOptions)
  return report(server, await sendScenario({ ...own(server), url: server.url, fetch: server.fetch }))
}

export const throughSocket = async () => {
  await using server = await stillServer(storyOptions).listen()
  return report(server, await sendScenario({ ...own(server), url: server.url, fetch }))
}

export const throughMsw = async () => {
  await using server = stillServer(storyOptions)
  const url = "https://drive.example.com/api"
  const msw = setupServer(...mswHandlers(server, { baseUrl: url }))
  msw.listen()
  try {
    return await report(
      server,
      await sendScenario({ ...own(server), url, fetch: (...args) => fetch(...args) }),
    )
  } finally {
    msw.close()
  }
}

/** The same options as those of `stillServer`, in a file. */
const storyFile = `export default ${JSON.stringify({
  now: Date.UTC(2026, 0, 1),
  seed: "test",
  remoteControl: true,
  ...storyOptions,
})}`

/** The same, requested by remote control; `printed` are the entries in its JSON lines. */
export const throughCommand = async (command: Awaited<ReturnType<typeof buildCommand>>) => {
  command.write("story.mjs", storyFile)
  await using running = await command.start("--config", "story.mjs", "--json")
  const responses = await sendScenario({
    url: running.url,
    fetch,
    advance: async (by) => {
      await call(running, "clock/advance", { by })
    },
    failNext: async (...faults) => {
      await call(running, "faults/next", { target: "token", faults })
    },
  })
  const ask = async (name: string) => (await get(running, name)).body[name]
  const report = {
    responses,
    log: await ask("log"),
    families: await ask("families"),
    lint: await ask("lint"),
    transcript: await ask("transcript"),
  }
  await running.printed(`"number":${(report.log as readonly unknown[]).length},`)
  const [, ...lines] = running.stdout().trim().split("\n")
  return { ...report, printed: lines.map((line) => JSON.parse(line)) }
}
