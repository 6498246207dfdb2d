/** The `Retry-After` header (RFC 9110 §10.2.3): seconds, or an HTTP date. */

/**
 * @param now milliseconds since the epoch
 * @returns milliseconds to wait, at least 0; `undefined` for a header that is missing or malformed
 */
export const parseRetryAfter = (header: string | undefined, now: number): number | undefined => {
  const value = header?.trim() ?? ""
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  // Date.parse reads far more than HTTP dates; all of those start with a day's name.
  const date = /^[A-Z][a-z]{2}/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
