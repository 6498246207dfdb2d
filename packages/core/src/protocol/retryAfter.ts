/** The `Retry-After` header (RFC 9110 §10.2.3): seconds, or an HTTP date. */

/**
 * @param now milliseconds since the epoch
 * @returns milliseconds to wait, at least 0; `undefined` for a header that is missing or malformed
 */
export const parseRetryAfter = (header: string | undefined, now: number): number | undefined => {
  const value = header?.trim() ?? ""
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  // Every HTTP date starts with the name of a day. Date.parse accepts many other formats.
  const date = /^[A-Z][a-z]{2}/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
