/** A bad option or argument, or a value that is longer than the provider allows. */
import { taggedError } from "./taggedError.js"

/** An option has a wrong value: the error has its name, the value and what is expected. `action` is `fix`. */
export class ConfigurationError extends taggedError<
  "ConfigurationError",
  {
    /** The option's name, as the caller wrote it, for example `redirectUri`. */
    readonly option: string
    /** The value that was given. A secret is described (its type and length), never shown. */
    readonly got: string
    /** What the option must be. If it begins with "not be", the message does not mention `got`. */
    readonly expected: string
  },
  "fix"
>("ConfigurationError", {
  action: "fix",
  message: ({ option, got, expected }) =>
    `Option "${option}" must ${expected.startsWith("not be ") ? expected : `be ${expected}, got ${got}`}.`,
}) {}
