/**
 * Tabs of one user who does everything at random: logs in and out, reloads, closes and opens tabs, and closes the lid.
 * Tells what went wrong: a refresh token that was used twice, a sign-out without a cause, a login that was lost, a storm
 * of events, or tabs that do not agree in the end.
 */
import type { Browser, Page } from "playwright-core"
import type { Setup } from "./Happening.js"
import { type Act, type ActName, busiestSecond, delay, judgeTabs } from "./judgeTabs.js"
import { startTabsWorld, type Tab } from "./TabsWorld.js"

export interface TabsOptions {
  readonly options: Setup["options"]
  readonly tabs: number
  readonly seed: number
  /** Whether to go on, before each step. */
  readonly goOn: (steps: number) => boolean
}

export interface TabsReport {
  readonly steps: number
  readonly seconds: number
  readonly acts: Readonly<Record<string, number>>
  readonly logins: number
  readonly refreshes: number
  /** What tabs told of, by their reason. */
  readonly signOuts: Readonly<Record<string, number>>
  /** The most events, states and messages that one tab told in one second. */
  readonly busiestSecond: number
  readonly defects: readonly string[]
}

/** How many events a tab may tell while nobody does anything, in `quiet` milliseconds: those of a refresh or two. */
const mostEventsInQuiet = 15
const quiet = 3000

/** How long tabs may need to agree, in milliseconds, on a machine that is busy. */
const patience = 30_000

/** How often each comes. */
const weights: Readonly<Record<ActName, number>> = {
  use: 30,
  tick: 25,
  logIn: 22,
  reload: 9,
  focus: 8,
  refresh: 6,
  replace: 4,
  sleep: 4,
  logOut: 1,
}

type Random = () => number

/** Random numbers that a seed repeats (mulberry32). */
const seededRandom = (seed: number): Random => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const pick = (random: Random): ActName => {
  const names = Object.keys(weights) as ActName[]
  const drawn = random() * names.reduce((sum, name) => sum + weights[name], 0)
  let upTo = 0
  return (
    names.find((name) => {
      upTo += weights[name]
      return drawn < upTo
    }) ?? "use"
  )
}

const count = (names: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

const statusOf = (page: Page) => page.evaluate(() => window.tab.getSnapshot().status)

const isSignedIn = (status: string): boolean => status === "ready" || status === "stale"

/** Waits until it is known whether the tab's user is signed in. */
const settle = (page: Page) =>
  page.waitForFunction(
    () => ["ready", "stale", "signedOut"].includes(window.tab?.getSnapshot().status),
    undefined,
    { timeout: patience },
  )

/** Lets a page run for a while, so that what must not happen would have happened. */
const elapsed = async (page: Page, milliseconds: number) => {
  const end = (await page.evaluate(() => performance.now())) + milliseconds
  await page.waitForFunction((time) => performance.now() > time, end)
}

export const runTabs = async (browser: Browser, what: TabsOptions): Promise<TabsReport> => {
  const { options, seed, goOn } = what
  await using world = await startTabsWorld(browser, options)
  const { server, told } = world
  const random = seededRandom(seed)
  const acts: Act[] = []
  const defects: string[] = []
  const tabs: Tab[] = []
  while (tabs.length < what.tabs) tabs.push(await world.open())

  const wasLoggedOut = (from: number) => acts.some(({ name, to }) => name === "logOut" && to >= from - delay)
  const keepsTokens = options.storage !== "memory" && options.persistRefreshToken === true

  const perform: Record<ActName, (tab: Tab, index: number, entry: Act) => Promise<unknown>> = {
    use: async ({ id, page }) => {
      const failure = await page.evaluate(() =>
        window.tab.fetch(`${window.setup.baseUrl}/account`).then(
          () => undefined,
          ({ _tag, action, message }) => ({ text: `${_tag}: ${message}`, action }),
        ),
      )
      // The events tell of a user who is not signed in.
      if (failure === undefined || failure.action === "login") return
      defects.push(`tab ${id} could not use its token: ${failure.text}`)
    },
    tick: () => world.elapse(500 + random() * 3500),
    sleep: () => world.elapse(15_000 + random() * 105_000),
    focus: ({ page }) => page.evaluate(() => void dispatchEvent(new Event("focus"))),
    refresh: ({ page }) =>
      page.evaluate(() =>
        window.tab.getAccessToken({ force: true }).then(
          () => {},
          () => {},
        ),
      ),
    logOut: ({ page }) => page.evaluate(() => window.tab.logout()),
    logIn: async ({ id, page }, _, { from }) => {
      if ((await statusOf(page)) !== "signedOut") return
      const left = page.waitForEvent("framenavigated", { timeout: patience })
      await page.evaluate(() => void window.tab.login())
      await left
      await page.waitForURL(({ pathname, search }) => pathname === "/" && search === "", {
        timeout: patience,
      })
      await settle(page)
      if (!isSignedIn(await statusOf(page)) && !wasLoggedOut(from)) defects.push(`tab ${id} lost its login`)
    },
    reload: async ({ id, page }, _, { from }) => {
      const before = await statusOf(page)
      await page.reload()
      await settle(page)
      const isLost = keepsTokens && isSignedIn(before) && !isSignedIn(await statusOf(page))
      if (isLost && !wasLoggedOut(from)) defects.push(`tab ${id} was signed out by a reload`)
    },
    replace: async ({ page }, index) => {
      await page.close()
      tabs[index] = await world.open()
    },
  }

  const act = async (index: number): Promise<void> => {
    const tab = tabs[index]
    if (tab === undefined) return
    const name = pick(random)
    const entry: Act = { name, tab: tab.id, from: performance.now(), to: Number.POSITIVE_INFINITY }
    acts.push(entry)
    try {
      await perform[name](tab, index, entry)
    } catch (error) {
      const status = await statusOf(tab.page).catch(() => "unknown")
      defects.push(
        `${name} in tab ${tab.id} (${status}) at ${tab.page.url()}: ${String(error).split("\n")[0]}`,
      )
    }
    entry.to = performance.now()
  }

  const startedAt = performance.now()
  let steps = 0
  for (; goOn(steps); steps++) {
    const first = Math.floor(random() * tabs.length)
    const width = 1 + Math.floor(random() * 3)
    await Promise.all(Array.from({ length: width }, (_, offset) => act((first + offset * 3) % tabs.length)))
  }
  const seconds = (performance.now() - startedAt) / 1000

  const statuses = () => Promise.all(tabs.map(({ page }) => statusOf(page)))
  const agree = async (expected: (all: readonly string[]) => boolean, what: string) => {
    const end = performance.now() + patience
    while (performance.now() < end) {
      if (expected(await statuses())) return
      await elapsed(tabs[0]?.page as Page, 100)
    }
    defects.push(`${what}: ${(await statuses()).join(", ")}`)
  }
  if (options.storage === "local") {
    await agree((all) => new Set(all).size === 1 && all[0] !== "stale", "tabs do not agree")
  }
  const before = told.length
  await elapsed(tabs[0]?.page as Page, quiet)
  const events = count(told.slice(before).map(({ tab }) => String(tab)))
  for (const [tab, number] of Object.entries(events)) {
    if (number > mostEventsInQuiet) defects.push(`tab ${tab} told ${number} events while nobody did anything`)
  }
  const [first] = tabs
  if (first !== undefined) {
    const entry: Act = {
      name: "logOut",
      tab: first.id,
      from: performance.now(),
      to: Number.POSITIVE_INFINITY,
    }
    acts.push(entry)
    await first.page.evaluate(() => window.tab.logout())
    await agree((all) => all.every((status) => status === "signedOut"), "a sign-out did not reach every tab")
  }

  const granted = (grant: string) =>
    server.log.filter(({ grantType, decision }) => grantType === grant && decision === "granted").length
  const signOuts = told.flatMap(({ happening }) =>
    happening.type === "event" && happening.event === "signedOut" ? [happening.reason ?? ""] : [],
  )
  return {
    steps,
    seconds,
    acts: count(acts.map(({ name }) => name)),
    logins: granted("authorization_code"),
    refreshes: granted("refresh_token"),
    signOuts: count(signOuts),
    busiestSecond: busiestSecond(told),
    defects: [...defects, ...judgeTabs(told, acts, options)],
  }
}
