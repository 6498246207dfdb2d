/** A token that comes from another library, a CI secret or a database. */
import { concealed } from "../common/Concealed.js"
import {
  badOption,
  describe,
  optionalBoolean,
  requireOptions,
  requireString,
  show,
} from "../common/options.js"
import { isObject } from "../common/parseObject.js"
import { ConfigurationError } from "../errors/ConfigurationError.js"
import { isAccessToken, parseToken, serializeFields, storableExtra, Token } from "../protocol/Token.js"

/** A token that comes from another library, a CI secret or a database. At least one of the two tokens is required. */
export interface ImportedToken {
  /** Required, unless there is an access token. */
  readonly refreshToken?: string | undefined
  readonly accessToken?: string | undefined
  /** Milliseconds since the epoch. An access token without it is used until an API refuses it. */
  readonly expiresAt?: number | undefined
  readonly scope?: readonly string[] | undefined
  readonly extra?: Readonly<Record<string, unknown>> | undefined
}

/**
 * The option `replace` of `importToken`.
 *
 * @throws ConfigurationError for a bad or unknown option
 */
export const readReplace = (options: { readonly replace?: boolean | undefined }): boolean => {
  requireOptions(options, ["replace", "signal" as never], "an object")
  const { replace = false } = options
  optionalBoolean("replace", replace)
  return replace
}

/** In milliseconds since the epoch. A smaller number is probably in seconds. */
const earliest = 100_000_000_000

const names = ["refreshToken", "accessToken", "expiresAt", "scope", "extra"] as const

/**
 * @param now milliseconds since the epoch
 * @throws ConfigurationError for a value without a token
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
  if (expiresAt !== undefined && !(Number.isFinite(expiresAt) && expiresAt >= earliest)) {
    throw new ConfigurationError({
      option: "expiresAt",
      // Not a string's text: it may be a token.
      got: typeof expiresAt === "number" ? show(expiresAt) : describe(expiresAt),
      expected: "a time in milliseconds since the epoch, such as Date.now() + 3_600_000",
    })
  }
  if (scope !== undefined && !(Array.isArray(scope) && scope.every((part) => typeof part === "string"))) {
    throw badOption("scope", scope, "an array of strings")
  }
  if (extra !== undefined && !isObject(extra)) throw badOption("extra", extra, "an object")
  return new Token({
    // Until the first refresh there is no access token. An expiry in 1970 makes sure that the empty one is never used.
    accessToken: accessToken ?? "",
    refreshToken,
    tokenType: "Bearer",
    expiresAt: accessToken === undefined ? 0 : expiresAt,
    issuedAt: accessToken === undefined ? 0 : now,
    scope: scope === undefined ? defaultScope : [...scope],
    extra: storableExtra(extra ?? {}),
  })
}

/** Whether a value is a token of this library, or of another copy of this library in the same app. */
export const isToken = (value: unknown): value is Token =>
  typeof value === "object" &&
  value !== null &&
  "tokenType" in value &&
  "issuedAt" in value &&
  isAccessToken((value as Token).accessToken)
