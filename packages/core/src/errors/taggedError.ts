/** The base class of all errors: an `Error` with a tag, an action, and a message made from its fields. */

/** `login`: send the user through the login again. `retry`: the same call may succeed later. `fix`: code or configuration must change. */
export type ErrorAction = "login" | "retry" | "fix"

const userMessages: Readonly<Record<ErrorAction, string>> = {
  login: "Please sign in again.",
  retry: "The service cannot be reached right now. Please try again.",
  fix: "This app is not set up correctly. Please contact its support.",
}

/** Makes an error class. A `switch` and Effect's `catchTag` read its tag. A field that is `undefined` is left out. */
export const taggedError = <Tag extends string, Fields extends object, Action extends ErrorAction>(
  tag: Tag,
  rules: {
    readonly action: Action | ((fields: Fields) => Action)
    /** For developers: the cause, then the cure. */
    readonly message: (fields: Fields) => string
    /** For the person in front of the screen. If left out, it depends on the action. */
    readonly userMessage?: (fields: Fields) => string | undefined
  },
): (new (
  fields: Fields,
) => Error & {
  readonly _tag: Tag
  readonly action: Action
  /** A short sentence that may be shown to the person in front of the screen. */
  readonly userMessage: string
} & Readonly<Fields>) => {
  class Tagged extends Error {
    readonly _tag = tag
    readonly action: Action
    declare readonly userMessage: string
    constructor(fields: Fields) {
      super(rules.message(fields))
      for (const [name, value] of Object.entries(fields)) {
        if (value !== undefined) Object.assign(this, { [name]: value })
      }
      const { action } = rules
      this.action = typeof action === "function" ? action(fields) : action
    }
  }
  Object.defineProperty(Tagged.prototype, "name", { value: tag })
  Object.defineProperty(Tagged.prototype, "userMessage", {
    get(this: Fields & { readonly action: Action }) {
      return rules.userMessage?.(this) ?? userMessages[this.action]
    },
  })
  return Tagged as never
}

/** `: text.` with one full stop at the end, or only a full stop if there is no text. */
export const sentence = (text: string | undefined): string =>
  text ? `: ${text.trimEnd().replace(/(?<![.!?])$/, ".")}` : "."

export const hinted = (hint: string | undefined): string => (hint ? ` Hint: ${hint}` : "")

export const inParentheses = (detail: string | undefined): string => (detail ? ` (${detail})` : "")
