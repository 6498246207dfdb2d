/** Which known word somebody meant. */

/** At most two letters away, or the one that begins so; `undefined` where nothing is near. */
export const nearest = (given: string, known: readonly string[]): string | undefined => {
  const near = known
    .map((word) => ({ word, away: given.length > 2 && word.startsWith(given) ? 1 : distance(given, word) }))
    .filter(({ word, away }) => away <= 2 && away < word.length)
    .sort((a, b) => a.away - b.away)
  return near[0]?.word
}

/** How many letters have to change for one word to become the other. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
