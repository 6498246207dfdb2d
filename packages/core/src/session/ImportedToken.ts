/** A token from elsewhere: another library, a CI secret, a database. */
import { concealed } from "../common/Concealed.js"
import { badOption, describe, requireOptions, requireString } from "../common/options.js"
import { ConfigurationError } from "../errors/ConfigurationError.js"
import { isAccessToken, parseToken, serializeFields, storableExtra, Token } from "../protocol/Token.js"

/** A token from elsewhere: another library, or a table of your own. At least one of the two tokens is needed. */
export interface ImportedToken {
  /** Needed, unless there is an access token. */
  readonly refreshToken?: string | undefined
  readonly accessToken?: string | undefined
  /** Milliseconds since the epoch. An access token without it is used until an API refuses it. */
  readonly expiresAt?: number | undefined
  readonly scope?: readonly string[] | undefined
  readonly extra?: Readonly<Record<string, unknown>> | undefined
}

/** Earlier than this is a number of seconds. */
const earliest = 100_000_000_000

const names = ["refreshToken", "accessToken", "expiresAt", "scope", "extra"] as const

/**
 * @param now milliseconds since the epoch
 * @throws ConfigurationError for anything that holds no token
 */
export const readImportedToken = (
  imported: Token | ImportedToken,
  defaultScope: readonly string[],
  now: number,
): Token => {
  if (imported instanceof Token) return imported
  const expected = "an object with a refreshToken or an accessToken"
  if (isToken(imported)) {
    if (imported.accessToken === concealed || imported.refreshToken === concealed) {
      const got = "the JSON of a token, which hides its secrets"
      throw new ConfigurationError({
        option: "token",
        got,
        expected: "the token itself, or restoreToken of what serializeToken wrote",
      })
    }
    const copy = parseToken(serializeFields(imported))
    if (copy === undefined) throw badOption("token", imported, expected)
    return copy
  }
  const { refreshToken, accessToken, expiresAt, scope, extra } = requireOptions(imported, names, expected)
  if (refreshToken === undefined && accessToken === undefined) {
    throw new ConfigurationError({ option: "token", got: "an object without a token", expected })
  }
  if (refreshToken !== undefined) {
    requireString("refreshToken", refreshToken, { expected: "a refresh token of this server", secret: true })
  }
  if (accessToken !== undefined && !isAccessToken(accessToken)) {
    throw badOption("accessToken", accessToken, "a string of printable ASCII without spaces")
  }
  if (expiresAt !== undefined && !(typeof expiresAt === "number" && expiresAt >= earliest)) {
    throw new ConfigurationError({
      option: "expiresAt",
      got: typeof expiresAt === "number" ? String(expiresAt) : describe(expiresAt),
      expected: "a time in milliseconds since the epoch, such as Date.now() + 3_600_000",
    })
  }
  if (scope !== undefined && !(Array.isArray(scope) && scope.every((part) => typeof part === "string"))) {
    throw badOption("scope", scope, "an array of strings")
  }
  return new Token({
    // Until the first refresh there is none; an expiry in 1970 keeps the empty one from being used.
    accessToken: accessToken ?? "",
    refreshToken,
    tokenType: "Bearer",
    expiresAt: accessToken === undefined ? 0 : expiresAt,
    issuedAt: accessToken === undefined ? 0 : now,
    scope: scope ?? defaultScope,
    extra: storableExtra(extra ?? {}),
  })
}

/** A token of this library, also of a second copy of it in the same app. */
export const isToken = (value: unknown): value is Token =>
  typeof value === "object" &&
  value !== null &&
  "tokenType" in value &&
  "issuedAt" in value &&
  isAccessToken((value as Token).accessToken)
