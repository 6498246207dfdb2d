/** Which known word somebody meant. */
import { editDistance } from "@ellipsis-oauth/core/promise"

/** At most two letters away, or the one that begins so; `undefined` where nothing is near. */
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
