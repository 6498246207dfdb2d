/** What came out, in a few words and without the secrets. */

/** The names by which libraries tell the code, the status and the reason. */
const codeOf = (error: object): string => {
  const read = (name: string): unknown => (error as Record<string, unknown>)[name]
  const found = ["error", "oauth2Code", "code", "status", "reason"]
    .map(read)
    .filter((value) => typeof value === "string" || typeof value === "number")
  return [...new Set(found)].slice(0, 2).join(" ")
}

const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text)

/** Its name and code; its message where it has no code. */
export const describeError = (error: unknown): string => {
  if (!(error instanceof Error)) return `throws ${typeof error}`
  const code = codeOf(error)
  if (code !== "") return `${error.name} ${code}`
  const [line = ""] = error.message.split("\n")
  return `${error.name}: ${shorten(line.replaceAll(/127\.0\.0\.1:\d+/g, "…").replaceAll("|", "/"))}`
}

export type Outcome<A> = { readonly value: A } | { readonly error: unknown }

export const outcomeOf = <A>(promise: Promise<A>): Promise<Outcome<A>> =>
  promise.then(
    (value): Outcome<A> => ({ value }),
    (error: unknown): Outcome<A> => ({ error }),
  )

export const plural = (count: number, one: string): string =>
  `${count} ${one}${count === 1 ? "" : one.endsWith("sh") ? "es" : "s"}`
