/** What a bad option is refused with: its name, what it got and what it takes. */

/** A bad option, or a bad argument of one of the server's methods. */
export class OptionError extends TypeError {
  override readonly name = "OptionError"
  /** Path of the option, such as `clients[0].clientId`. */
  readonly option: string
  /** What the option takes, in plain words. */
  readonly takes: string

  constructor(option: string, got: unknown, takes: string) {
    super(`${option}: got ${describe(got)}; takes ${takes}`)
    this.option = option
    this.takes = takes
  }
}

/** A value as a message can show it: short, on one line, never throwing. */
const describe = (value: unknown): string => {
  if (value === undefined) return "nothing"
  if (typeof value === "function") return "a function"
  if (typeof value === "bigint" || typeof value === "symbol") return String(value)
  if (typeof value === "number") return String(value)
  try {
    const text = JSON.stringify(value)
    return text.length > 60 ? `${text.slice(0, 60)}…` : text
  } catch {
    return "an object that is no plain data"
  }
}

/** Refuses members that nobody reads: a misspelt option would otherwise be a silent default. */
export const checkNames = (path: string, value: object, known: readonly string[]): void => {
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) {
      throw new OptionError(
        path === "" ? name : `${path}.${name}`,
        Reflect.get(value, name),
        `no such option: the known ones are ${known.join(", ")}`,
      )
    }
  }
}

/** One of a few words. */
export const checkChoice = <const T extends string>(
  path: string,
  value: unknown,
  choices: readonly T[],
): T => {
  const found = choices.find((choice) => choice === value)
  if (found === undefined) {
    throw new OptionError(path, value, choices.map((choice) => `"${choice}"`).join(" or "))
  }
  return found
}
