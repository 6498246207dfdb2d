/** The error for an invalid option: its name, the value it got and the values it accepts. */

import { editDistance } from "./editDistance.js"

/** An invalid option, or an invalid argument of one of the server's methods. */
export class OptionError extends TypeError {
  override readonly name = "OptionError"
  /** Path of the option, such as `clients[0].clientId`. */
  readonly option: string
  /** The values that the option accepts, in plain words. */
  readonly takes: string
  /** The message without the name of the option, to be used with another name. */
  readonly problem: string

  /** `hint` is one more sentence, such as the cause. */
  constructor(option: string, got: unknown, takes: string, hint?: string) {
    const problem = `must be ${takes}, got ${describe(got)}.${hint === undefined ? "" : ` ${hint}`}`
    super(`Option "${option}" ${problem}`)
    this.option = option
    this.takes = takes
    this.problem = problem
  }
}

/** An option that does not exist, such as a misspelt one, which would otherwise be ignored silently. */
export class UnknownOptionError extends OptionError {
  override readonly message: string
  override readonly problem: string

  constructor(option: string, got: unknown, known: readonly string[]) {
    super(option, got, "left out")
    const name = option.slice(option.lastIndexOf(".") + 1)
    const meant = known.find((candidate) => name.length <= 40 && editDistance(candidate, name) <= 2)
    const names = known.length === 0 ? "See the documentation." : `The known ones are ${known.join(", ")}.`
    this.problem = `is not known. ${meant === undefined ? names : `Did you mean "${meant}"?`}`
    this.message = `Option "${option}" ${this.problem}`
  }
}

/** Members whose values must not be in a message. */
const withoutSecrets = (name: string, value: unknown): unknown =>
  /secret|token|password|key/i.test(name) && value !== undefined ? "…" : value

/** A value for a message: short and on one line. Never throws. */
const describe = (value: unknown): string => {
  if (value === undefined) return "nothing"
  if (typeof value === "function") return "a function"
  if (typeof value === "bigint" || typeof value === "symbol") return String(value)
  if (typeof value === "number") return String(value)
  try {
    const text = JSON.stringify(value, withoutSecrets)
    return text.length > 60 ? `${text.slice(0, 60)}…` : text
  } catch {
    return "an object that is not plain data"
  }
}

/** Throws if `value` has a member that is not in `known`. */
export const checkNames = (path: string, value: object, known: readonly string[]): void => {
  const name = Object.keys(value).find((candidate) => !known.includes(candidate))
  if (name === undefined) return
  throw new UnknownOptionError(path === "" ? name : `${path}.${name}`, Reflect.get(value, name), known)
}

/** Throws if `value` is not one of `choices`. */
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
