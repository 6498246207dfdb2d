/** Tells what must not have happened from what may. */
import type { Setup } from "./Happening.js"
import type { Told } from "./TabsWorld.js"

export type ActName =
  | "use"
  | "tick"
  | "focus"
  | "logIn"
  | "logOut"
  | "reload"
  | "refresh"
  | "replace"
  | "sleep"

/** What the user did. Times are milliseconds of this process. */
export interface Act {
  readonly name: ActName
  readonly tab: number
  readonly from: number
  to: number
}

/** How much later than its cause something may be reported, in milliseconds, on a machine that is busy. */
export const delay = 3000

/** Acts that end a page, with everything that is under way in it. */
const isEnding = ({ name }: Act): boolean => name === "reload" || name === "replace" || name === "logIn"

interface Sent {
  readonly tab: number
  readonly at: number
  readonly received: number
}

const refreshesOf = (told: readonly Told[]): ReadonlyMap<string, readonly Sent[]> => {
  const sent = new Map<string, Sent[]>()
  for (const { tab, at, happening } of told) {
    if (happening.type !== "refreshSent") continue
    const { refreshToken } = happening
    const received = told.find(
      (other) =>
        other.tab === tab &&
        other.at >= at &&
        other.happening.type === "refreshReceived" &&
        other.happening.refreshToken === refreshToken,
    )
    const known = sent.get(refreshToken) ?? []
    sent.set(refreshToken, known)
    known.push({ tab, at, received: received?.at ?? Number.POSITIVE_INFINITY })
  }
  return sent
}

/** A refresh token may be used again only where the page that used it ended before it could write the response down. */
const doubleRefreshes = (told: readonly Told[], acts: readonly Act[]): readonly string[] =>
  [...refreshesOf(told).values()].flatMap((uses) =>
    uses.slice(1).flatMap((use, index) => {
      const before = uses[index]
      if (before === undefined) return []
      const ended = acts.some(
        (act) =>
          isEnding(act) && act.tab === before.tab && act.from <= before.received + 500 && act.to >= before.at,
      )
      return ended
        ? []
        : [
            `tab ${use.tab} sent a refresh token again that tab ${before.tab} had sent ${Math.round(use.at - before.at)} ms before`,
          ]
    }),
  )

interface Page {
  readonly tab: number
  readonly from: number
  readonly to: number
}

const isLogin = ({ happening }: Told): boolean =>
  happening.type === "event" && happening.event === "tokenIssued"

/** Whether a tab has received the token response to a refresh, with no login in another tab since it sent the request. */
const isRefreshed = (told: readonly Told[], index: number): boolean => {
  const received = told[index]
  if (received?.happening.type !== "refreshReceived") return false
  const before = told.slice(0, index)
  const sent = before.findLastIndex(
    ({ tab, happening }) => tab === received.tab && happening.type === "refreshSent",
  )
  return !before.slice(sent + 1).some(isLogin)
}

/**
 * The pages that had a refresh token in memory: from their login or refresh until they ended, or took the token of
 * another tab in its place.
 */
const keepers = (told: readonly Told[], acts: readonly Act[]): readonly Page[] =>
  told.flatMap((each, index) => {
    const { tab, at } = each
    if (!isLogin(each) && !isRefreshed(told, index)) return []
    // A page that is being loaded again lives a little longer; the token of a login is that of the page after it.
    const isOver = ({ name, from, to }: Act) => (name === "reload" || name === "replace" ? to : from) >= at
    const ending = acts.find(
      (act) => act.tab === tab && (isEnding(act) || act.name === "logOut") && isOver(act),
    )
    const replaced = told.slice(index + 1).find(({ tab: other, happening: later }) => {
      if (later.type !== "event") return false
      return other === tab ? later.event === "adopted" : later.event === "tokenIssued"
    })
    const to = Math.min(ending?.from ?? Number.POSITIVE_INFINITY, replaced?.at ?? Number.POSITIVE_INFINITY)
    return [{ tab, from: at, to }]
  })

const needlessSignOuts = (
  told: readonly Told[],
  acts: readonly Act[],
  { storage = "memory", persistRefreshToken = false }: Setup["options"],
): readonly string[] => {
  const keeping = keepers(told, acts)
  const isCaused = ({ tab, at }: Told, reason: string | undefined): boolean => {
    const loggedOut = (act: Act) => act.name === "logOut" && act.from <= at && act.to >= at - delay
    if (reason === "logout") return acts.some((act) => loggedOut(act) && act.tab === tab)
    if (reason === "elsewhere" && acts.some(loggedOut)) return true
    // The clocks of the tabs are moved one by one: a token may have expired in another tab, and not yet in this one.
    const clockMoved = acts.some(
      ({ name, from, to }) => (name === "tick" || name === "sleep") && from <= at && to >= at - delay,
    )
    const isExpiry = reason === "expired" || (reason === "elsewhere" && clockMoved)
    if (!isExpiry || storage === "memory" || persistRefreshToken) return false
    // A tab that has the access token alone cannot renew it, until the tab with the refresh token has.
    return !keeping.some((page) => page.tab === tab && page.from < at && page.to > at)
  }
  return told.flatMap((each) => {
    const { happening } = each
    if (happening.type !== "event" || happening.event !== "signedOut") return []
    return isCaused(each, happening.reason)
      ? []
      : [`tab ${each.tab} was signed out without a cause: ${happening.reason}`]
  })
}

interface Second {
  readonly tab: number
  readonly from: number
  events: number
}

/** What each tab told in each second. */
const seconds = (told: readonly Told[]): readonly Second[] => {
  const found = new Map<string, Second>()
  for (const { tab, at } of told) {
    const from = Math.floor(at / 1000) * 1000
    const second = found.get(`${tab} ${from}`) ?? { tab, from, events: 0 }
    second.events++
    found.set(`${tab} ${from}`, second)
  }
  return [...found.values()]
}

/** Of all tabs and seconds, the most that one tab told in one. */
export const busiestSecond = (told: readonly Told[]): number =>
  Math.max(0, ...seconds(told).map(({ events }) => events))

/** A storm has more events of one tab in one second than this, and one for each act of that second, and does not end. */
const mostEventsASecond = 40

/** On an idle machine, tabs at random do far more in a second than a user can. */
const storms = (told: readonly Told[], acts: readonly Act[]): readonly string[] =>
  seconds(told)
    .filter(({ from: start, events }) => {
      const done = acts.filter(({ from, to }) => from < start + 1000 && to >= start)
      return events > mostEventsASecond + done.length
    })
    .map(({ tab, events }) => `tab ${tab} told ${events} events in one second`)

const faults = (told: readonly Told[]): readonly string[] =>
  told.flatMap(({ tab, happening }) =>
    happening.type === "fault" ? [`tab ${tab}: ${happening.message}`] : [],
  )

export const judgeTabs = (
  told: readonly Told[],
  acts: readonly Act[],
  options: Setup["options"],
): readonly string[] => [
  ...doubleRefreshes(told, acts),
  ...needlessSignOuts(told, acts, options),
  ...storms(told, acts),
  ...faults(told),
]
