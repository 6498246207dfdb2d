/** A wrong command line: reported on one line, with exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError"
}

/** The same format as an `OptionError`, with the flag as the name. */
export const badFlag = (flag: string, got: string | undefined, takes: string): UsageError =>
  new UsageError(`${flag} must be ${takes}, got ${got === undefined ? "nothing" : JSON.stringify(got)}.`)
