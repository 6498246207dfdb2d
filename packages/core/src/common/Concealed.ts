/** The base class of objects that hold secrets: code can read a secret by its name, and no log prints it. */

const inspect = Symbol.for("nodejs.util.inspect.custom")

/** Printed in place of a secret. */
export const concealed = "[redacted]"

/** A subclass keeps its secrets in `#` members. Its `toJSON` returns what may be printed. */
export abstract class Concealed {
  abstract toJSON(): Readonly<Record<string, unknown>>

  /** The plain members. Secrets are in `#` members, so none is among them. */
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
