import { ConfigurationError, describe, show } from "@ellipsis-oauth/core/promise"

/**
 * Requires a URL of this page's origin, and makes it absolute. A redirect to another origin would be an open redirect, and
 * the token is not stored there.
 *
 * @throws ConfigurationError for anything else, and where it is longer than `maxLength`
 */
export const requireOwnUrl = (option: string, text: string, maxLength?: number): string => {
  const own = `${location.origin}/`
  let href = ""
  try {
    href = new URL(text, location.href).href
  } catch {
    // Not a URL: refused like a URL of another origin.
  }
  if (href.startsWith(own) && !(maxLength !== undefined && href.length > maxLength)) return href
  const limit = maxLength === undefined ? "" : ` of at most ${maxLength} characters`
  throw new ConfigurationError({
    option,
    got: text.length > 200 ? describe(text) : show(text),
    expected: `a URL at ${own}${limit}`,
  })
}
