/** Tells the lost logins that no client can prevent from those that are defects. */
import { type Exchange, isLosing, type Login } from "./FaultyProxy.ts"
import type { Stop } from "./Workers.ts"

/** When each worker was killed, in milliseconds of the monotonic clock. */
export type Kills = ReadonlyMap<string, number>

export interface Verdict {
  readonly cause: string
  readonly isDefect: boolean
}

const unavoidable = (cause: string): Verdict => ({ cause, isDefect: false })
const defect = (cause: string): Verdict => ({ cause, isDefect: true })

/** A process writes a token at once; killed later than this after the response, in milliseconds, it should have. */
const writeWindow = 1000

/** A connection that the client has closed is seen closed by the proxy this much later, in milliseconds. */
const closeDelay = 250

export interface JudgeOptions {
  readonly kills: Kills
  readonly stops: readonly Stop[]
  /** The client's, in milliseconds. */
  readonly timeout: number
}

/**
 * The part of a span of time in which every process ran, at least, in milliseconds: one that is stopped cannot write,
 * and may hold SQLite's lock for writes meanwhile.
 */
const timeRunning = (from: number, to: number, stops: readonly Stop[]): number =>
  stops.reduce(
    (left, stop) => left - Math.max(0, Math.min(to, stop.to) - Math.max(from, stop.from)),
    to - from,
  )

/** Why a login was lost. */
export const judgeLostLogin = (login: Login, { kills, stops, timeout }: JudgeOptions): Verdict => {
  const refused = login.exchanges.find((exchange) => exchange.refused)
  if (refused === undefined) return defect("signed out without a refusal of the provider")
  const spent = login.exchanges.find(
    (exchange) => exchange.presented === refused.presented && exchange.issued !== undefined,
  )
  if (spent === undefined) return defect("the provider refused a refresh token that nobody had used")
  if (isLosing(spent.fault)) return unavoidable(`after rotation: ${spent.fault}`)
  const killedAt = kills.get(spent.worker)
  // The proxy may get to a request after its sender was killed.
  if (killedAt !== undefined) {
    const usedLater = login.exchanges.some(
      (exchange) => exchange.worker === spent.worker && exchange.startedAt > spent.startedAt,
    )
    if (!usedLater && timeRunning(spent.endedAt, killedAt, stops) < writeWindow) {
      const when = spent.abandoned ? "the response" : "its write"
      return unavoidable(`after rotation: process killed before ${when}`)
    }
  }
  // The machine was so slow that the response came when the client had given the request up.
  if (spent.endedAt - spent.startedAt > timeout) {
    return unavoidable("after rotation: response later than the timeout")
  }
  return defect("a refresh token was used twice although its response was delivered")
}

/** Refresh tokens that were sent while another request with the same one was open. */
export const sentWhileOpen = (logins: readonly Login[]): readonly (readonly [Exchange, Exchange])[] =>
  logins.flatMap(({ exchanges }) =>
    exchanges.flatMap((later, index) =>
      exchanges
        .slice(0, index)
        .filter(
          ({ presented, endedAt, abandoned }) =>
            presented === later.presented && endedAt - (abandoned ? closeDelay : 0) > later.startedAt,
        )
        .map((earlier) => [earlier, later] as const),
    ),
  )
