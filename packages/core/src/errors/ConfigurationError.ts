/** A bad option or argument, or a limit of the provider broken. Nothing was sent. */
import { taggedError } from "./taggedError.js"

/** An option that cannot work: its name, what was found, and what it takes. `action` is `fix`. */
export class ConfigurationError extends taggedError<
  "ConfigurationError",
  {
    /** The option's name, as the caller wrote it, for example `redirectUri`. */
    readonly option: string
    /** What was given. A secret is described (its type and length), never shown. */
    readonly got: string
    /** What the option takes; where it begins with "not be", it says alone what is wrong. */
    readonly expected: string
  },
  "fix"
>("ConfigurationError", {
  action: "fix",
  message: ({ option, got, expected }) =>
    `Option "${option}" must ${expected.startsWith("not be ") ? expected : `be ${expected}, got ${got}`}.`,
}) {}
