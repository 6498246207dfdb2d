/** Runs a function that throws for a bad option, and returns a `Result`. Any other error is a bug and stays thrown. */
import * as Result from "effect/Result"
import { ConfigurationError } from "../errors/ConfigurationError.js"

export const checked = <A>(evaluate: () => A): Result.Result<A, ConfigurationError> =>
  Result.try({
    try: evaluate,
    catch: (error) => {
      if (error instanceof ConfigurationError) return error
      throw error
    },
  })
