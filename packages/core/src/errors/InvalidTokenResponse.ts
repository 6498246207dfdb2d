/** The token endpoint returned something that is neither a token nor an OAuth error. */
import { hinted, taggedError } from "./taggedError.js"

/** The token endpoint returned something that is neither a token response nor an OAuth error. `action` is `fix`. */
export class InvalidTokenResponse extends taggedError<
  "InvalidTokenResponse",
  {
    /** The HTTP status. */
    readonly status: number
    /** What is wrong with the body. It never contains the body's values. */
    readonly problem: string
    readonly hint?: string | undefined
  },
  "fix"
>("InvalidTokenResponse", {
  action: "fix",
  message: ({ status, problem, hint }) =>
    `The token endpoint returned HTTP ${status} without a token: ${problem}. Check the token endpoint's URL.${hinted(hint)}`,
}) {}
