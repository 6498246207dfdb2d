/** How long a token is valid. All times are milliseconds since the epoch. */

/** Milliseconds since the epoch. */
interface Dated {
  readonly expiresAt?: number | undefined
  readonly issuedAt: number
}

/** In milliseconds: a token that is returned stays valid for at least 60 seconds. */
export const defaultMinValidity = 60_000

/** How far two clocks may differ, in milliseconds, before a token's date is considered wrong. */
const tolerance = 300_000

/**
 * Whether a token stays valid for `minValidity`, or for half of its lifetime if that is less. A token without a known
 * expiry is valid until an API refuses it. If a token seems to be issued in the future, the clock was set back since, so
 * its expiry is not reliable and the token is not fresh.
 */
export const isFresh = (token: Dated, now: number, minValidity: number): boolean => {
  const { expiresAt, issuedAt } = token
  if (expiresAt === undefined) return true
  if (now < issuedAt - tolerance) return false
  return now + Math.min(minValidity, (expiresAt - issuedAt) / 2) < expiresAt
}
