import { requireOwnUrl } from "./requireOwnUrl.js"

/**
 * Checks where to go, and goes there when it is called. The page is loaded anew, so that nothing of a user who has
 * signed out stays in its memory.
 *
 * @throws ConfigurationError for a URL of another origin
 */
export const leaveTo = (returnTo: string | undefined): (() => void) => {
  if (returnTo === undefined) return () => {}
  const target = requireOwnUrl("returnTo", returnTo)
  return () => location.assign(target)
}
