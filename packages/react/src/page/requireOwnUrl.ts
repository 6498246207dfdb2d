import { ConfigurationError, describe, show } from "@ellipsis-oauth/core/promise"

/**
 * A URL of this page's origin, absolute. A redirect that leads anywhere else would be an open one, and what is stored
 * here is not found there.
 *
 * @throws ConfigurationError for anything else, and where it is longer than `maxLength`
 */
export const requireOwnUrl = (option: string, text: string, maxLength = Number.POSITIVE_INFINITY): string => {
  const own = `${location.origin}/`
  let href = ""
  try {
    href = new URL(text, location.href).href
  } catch {
    // As bad as one of another origin.
  }
  if (href.startsWith(own) && href.length <= maxLength) return href
  const limit = maxLength === Number.POSITIVE_INFINITY ? "" : ` of at most ${maxLength} characters`
  throw new ConfigurationError({
    option,
    got: text.length > 200 ? describe(text) : show(text),
    expected: `a URL at ${own}${limit}`,
  })
}
