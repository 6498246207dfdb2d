/** What each library does in a browser. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import type { Browser, Page } from "playwright-core"
import { plural } from "../behaviour/describe.ts"
import { notOffered } from "../behaviour/Row.ts"
import { runProgram } from "../harness/runProgram.ts"
import type { BrowserPeer } from "./BrowserPeer.ts"
import { bundleServerRender, type PageSettings } from "./site.ts"
import { Visit } from "./Visit.ts"

export interface BrowserRow {
  readonly id: string
  readonly title: string
  /** Takes longer: left out of a quick run. */
  readonly isLong?: boolean
  readonly observe: (browser: Browser, peer: BrowserPeer) => Promise<string>
}

type Settings = Partial<Pick<PageSettings, "strict" | "shared">>

const visiting =
  (observe: (visit: Visit) => Promise<string>, settings: Settings = {}): BrowserRow["observe"] =>
  async (browser, peer) => {
    const visit = await Visit.start(browser, peer, settings)
    try {
      return await observe(visit)
    } finally {
      await visit.close()
    }
  }

const times = (count: number): string =>
  count === 1 ? "once" : count === 0 ? "not at all" : `${count} times`

const sent = ({ codesSent }: Visit): string => `the code is sent ${times(codesSent)}`

const quoted = (shown: string): string => `shows "${shown.replaceAll("|", "/").slice(0, 80)}"`

const login = visiting(async (visit) => {
  const page = await visit.logIn()
  return `${sent(visit)}; ${quoted(await visit.settled(page))}`
})

const strict = visiting(
  async (visit) => {
    const page = await visit.logIn()
    return `${sent(visit)}; ${quoted(await visit.settled(page))}`
  },
  { strict: true },
)

const otherState = visiting(async (visit) => {
  visit.endpoint.stateSent = () => "another-state"
  const page = await visit.logIn()
  return `${sent(visit)}; ${quoted(await visit.settled(page))}`
})

const back = visiting(async (visit) => {
  const page = await visit.logIn()
  await page.goto(visit.callbackUrl)
  return `${sent(visit)}; ${quoted(await visit.settled(page))}`
})

const whereTo = visiting(async (visit) => {
  const page = await visit.logIn("/map?tab=2")
  const url = await page.evaluate(() => `${location.pathname}${location.search}`)
  return `\`${url.replaceAll(/(code|state|iss)=[^&]+/g, "$1=…")}\``
})

const inStorage = async (visit: Visit, page: Page): Promise<string> => {
  const [localStorage = "", sessionStorage = ""] = await page.evaluate(() => [
    JSON.stringify(window.localStorage),
    JSON.stringify(window.sessionStorage),
  ])
  const stored = { localStorage, sessionStorage }
  const tokens = {
    "access token": visit.endpoint.accessTokens,
    "refresh token": visit.endpoint.refreshTokens,
  }
  const found = Object.entries(stored).flatMap(([storage, text]) => {
    const kinds = Object.entries(tokens).filter(([, values]) => values.some((value) => text.includes(value)))
    return kinds.length === 0 ? [] : [`${kinds.map(([kind]) => kind).join(" and ")} in ${storage}`]
  })
  return found.join(", ") || "no token"
}

const storage = visiting(async (visit) => inStorage(visit, await visit.logIn()))

const signedOutTab = visiting(
  async (visit) => {
    const first = await visit.logIn()
    const second = await visit.open()
    const before = await visit.settled(second)
    if (before !== "signed in") return `the other tab ${quoted(before)} from the beginning`
    await visit.call(first, "logOut")
    await visit.settled(first).catch(() => "")
    await visit.pass(0.5)
    return quoted(await visit.settled(second))
  },
  { shared: true },
)

interface SharedRefresh {
  readonly requests: number
  readonly refused: number
  readonly shown: readonly string[]
}

const tries = 3

/** Who is first depends on chance. */
const tabs: BrowserRow["observe"] = async (browser, peer) => {
  const seen: SharedRefresh[] = []
  for (let i = 0; i < tries; i++) {
    const visit = await Visit.start(browser, peer, { shared: true })
    try {
      const pages = [await visit.logIn(), await visit.open()]
      await visit.passExpiry()
      await Promise.all(pages.map((page) => visit.call(page, "ask")))
      const shown = await Promise.all(pages.map((page) => visit.settled(page)))
      seen.push({ requests: visit.refreshes, refused: visit.endpoint.refusals, shown })
    } finally {
      await visit.close()
    }
  }
  const list = (values: readonly number[]) => values.toSorted().join(", ")
  const shown = [...new Set(seen.flatMap((each) => each.shown))].map((text) => `"${text}"`)
  return `in ${tries} tries ${list(seen.map(({ requests }) => requests))} requests, of which ${list(seen.map(({ refused }) => refused))} refused; the tabs show ${shown.join(" or ")}`
}

const renewal = visiting(async (visit) => {
  const page = await visit.logIn()
  const read = () => page.evaluate(() => ({ ...window.counts }))
  const before = await read()
  const outcome = await visit.call(page, "renew")
  await visit.settled(page)
  const after = await read()
  const mounted = after.mounts > before.mounts ? "unmounted and mounted again" : "stays mounted"
  const failed = outcome?.includes("failed") ? "; the renewal fails" : ""
  return `renders ${times(after.renders - before.renders)}, ${mounted}${failed}`
})

const atOnce = visiting(async (visit) => {
  const page = await visit.logIn()
  const outcomes = (await visit.call(page, "renew", 10)) ?? []
  const failed = outcomes.filter((each) => each === "failed").length
  return `${plural(visit.refreshes, "request")}; ${plural(failed, "error")}; ${quoted(await visit.settled(page))}`
})

const unavailable = visiting(async (visit) => {
  const page = await visit.logIn()
  visit.endpoint.always = { status: 503 }
  await visit.passExpiry()
  const asked = visit.call(page, "ask")
  await visit.pass(1)
  await asked
  const during = visit.refreshes
  const shown = await visit.settled(page)
  visit.endpoint.always = undefined
  await visit.pass(5)
  await visit.call(page, "ask")
  return `${plural(during, "request")} in 6 minutes; ${quoted(shown)}; 5 minutes after it is available again ${quoted(await visit.settled(page))}`
})

const refused = visiting(async (visit) => {
  const page = await visit.logIn()
  visit.endpoint.always = { status: 400, body: { error: "invalid_grant" } }
  await visit.passExpiry()
  await visit.call(page, "ask")
  return `${plural(visit.refreshes, "request")} in 5 minutes; ${quoted(await visit.settled(page))}; ${await inStorage(visit, page)}`
})

const toElsewhere = visiting(async (visit) => {
  const page = await visit.logIn()
  if ((await visit.call(page, "fetchElsewhere")) === undefined) return notOffered
  const [authorization] = visit.elsewhere.apiCalls
  return visit.endpoint.accessTokens.some((token) => authorization?.includes(token)) ? "sent" : "not sent"
})

const onServer: BrowserRow["observe"] = async (_browser, { page }) => {
  const folder = mkdtempSync(join(tmpdir(), "ellipsis-oauth-"))
  try {
    const program = pathToFileURL(join(folder, "serverRender.mjs"))
    await bundleServerRender(fileURLToPath(program))
    const [line] = await runProgram<{ readonly observed: string }>(program, { args: [page] })
    return line?.observed ?? ""
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export const browserRows: readonly BrowserRow[] = [
  { id: "login", title: "a login by redirect", observe: login },
  { id: "strictMode", title: "the same in `StrictMode`", observe: strict },
  { id: "browserState", title: "the user comes back with another `state`", observe: otherState },
  { id: "callbackAgain", title: "the callback URL is opened again", observe: back },
  { id: "whereTo", title: "a login from `/map?tab=2`: where the user is afterwards", observe: whereTo },
  { id: "storage", title: "where tokens are after a login, by default", observe: storage },
  { id: "renewal", title: "a component that shows who is signed in, during a renewal", observe: renewal },
  { id: "renewalsAtOnce", title: "10 renewals are asked for at once", observe: atOnce },
  { id: "browserOrigin", title: "the access token, at a call to another origin", observe: toElsewhere },
  { id: "tabs", title: "two tabs share a login whose token ends", isLong: true, observe: tabs },
  { id: "signOutInTab", title: "one of two tabs logs out: the other one", observe: signedOutTab },
  { id: "browser503", title: "the token ends, and refreshes meet 503", isLong: true, observe: unavailable },
  { id: "serverRender", title: "the provider is rendered on a server", observe: onServer },
  {
    id: "browserRefused",
    title: "the token ends, and the refresh is refused with `invalid_grant`: what is shown and kept",
    isLong: true,
    observe: refused,
  },
]
