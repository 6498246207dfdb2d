/** A command line that cannot be carried out: one line, and exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError"
}

/** In the words of an `OptionError`, with the flag as the name. */
export const badFlag = (flag: string, got: string | undefined, takes: string): UsageError =>
  new UsageError(`${flag} must be ${takes}, got ${got === undefined ? "nothing" : JSON.stringify(got)}.`)
