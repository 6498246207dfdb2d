/** The base of every object that holds a secret: readable by name, but shown by no printer. */

const inspect = Symbol.for("nodejs.util.inspect.custom")

/** What stands in print for a secret that is there. */
export const concealed = "[redacted]"

/** A subclass keeps its secrets in `#` members and says in `toJSON` what may be printed. */
export abstract class Concealed {
  abstract toJSON(): Readonly<Record<string, unknown>>

  /** The members that are no accessors: none of them holds a secret. */
  protected shown(): Readonly<Record<string, unknown>> {
    return { ...(this as object) }
  }

  toString(): string {
    return JSON.stringify(this.toJSON())
  }

  [inspect](_depth: number, options: object, print?: (value: unknown, options: object) => string): string {
    return print === undefined ? this.toString() : print(this.toJSON(), options)
  }
}
