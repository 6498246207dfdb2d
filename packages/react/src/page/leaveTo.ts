import { requireOwnUrl } from "./requireOwnUrl.js"

/**
 * Checks a URL and returns a function that goes there. The page is loaded again, so that no data of the signed-out user
 * stays in its memory.
 *
 * @throws ConfigurationError for a URL of another origin
 */
export const leaveTo = (returnTo: string | undefined): (() => void) => {
  if (returnTo === undefined) return () => {}
  const target = requireOwnUrl("returnTo", returnTo)
  return () => {
    location.assign(target)
    const [page, fragment] = target.split("#")
    // A URL that differs only in its fragment loads nothing by itself.
    if (fragment !== undefined && page === location.href.split("#")[0]) location.reload()
  }
}
