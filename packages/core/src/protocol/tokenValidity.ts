/** How long a token is good for. All times are milliseconds since the epoch. */

/** Milliseconds since the epoch. */
interface Dated {
  readonly expiresAt?: number | undefined
  readonly issuedAt: number
}

/** 60 seconds: a token that is handed out is good for at least this long, in milliseconds. */
export const defaultMinValidity = 60_000

/** A clock may differ from the one that dated the token by this much, in milliseconds, before the date is doubted. */
const tolerance = 300_000

/**
 * Whether a token is good for `minValidity` more, or for half its life where that is less. A token without a known
 * expiry is good until an API refuses it. One that was issued in the future was dated by a clock that has been set
 * back since, so its expiry says nothing.
 */
export const isFresh = (token: Dated, now: number, minValidity: number): boolean => {
  const { expiresAt, issuedAt } = token
  if (expiresAt === undefined) return true
  if (now < issuedAt - tolerance) return false
  return now + Math.min(minValidity, (expiresAt - issuedAt) / 2) < expiresAt
}
