import { ConfigurationError, describe, show } from "@ellipsis-oauth/core/promise"

/**
 * Requires a URL of this page's origin, and makes it absolute. A redirect to another origin would be an open redirect, and
 * the token is not stored there.
 *
 * @throws ConfigurationError for anything else
 */
export const requireOwnUrl = (option: string, text: string): string => {
  const own = `${location.origin}/`
  let href = ""
  try {
    href = new URL(text, location.href).href
  } catch {
    // Not a URL: refused like a URL of another origin.
  }
  if (href.startsWith(own)) return href
  throw new ConfigurationError({
    option,
    got: text.length > 200 ? describe(text) : show(text),
    expected: `a URL at ${own}`,
  })
}
