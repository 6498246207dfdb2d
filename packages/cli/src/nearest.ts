/** Suggests a known word for a misspelt one. */
import { editDistance } from "@ellipsis-oauth/core/promise"

/** A word at most two edits away, or one that starts with `given`; `undefined` if there is none. */
export const nearest = (given: string, known: readonly string[]): string | undefined => {
  const near = known
    .map((word) => ({
      word,
      away: given.length > 2 && word.startsWith(given) ? 1 : editDistance(given, word),
    }))
    .filter(({ word, away }) => away <= 2 && away < word.length)
    .sort((a, b) => a.away - b.away)
  return near[0]?.word
}
