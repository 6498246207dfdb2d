/** Suggests an endpoint for a path that does not exist. */
import { editDistance } from "../common/editDistance.js"

const lastSegment = (path: string): string => path.replace(/\/+$/, "").split("/").at(-1)?.toLowerCase() ?? ""

/** The known path whose last segment is most like that of `path`; a missing or doubled prefix is the usual mistake. */
export const suggestPath = (path: string, known: readonly string[]): string | undefined => {
  const segment = lastSegment(path)
  // A long segment is not a misspelling, and comparing it would be slow.
  if (segment.length > 40) return undefined
  const [closest] = known
    .map((candidate) => ({ candidate, distance: editDistance(segment, lastSegment(candidate)) }))
    .sort((a, b) => a.distance - b.distance)
  return closest !== undefined && closest.distance <= 2 ? closest.candidate : undefined
}
