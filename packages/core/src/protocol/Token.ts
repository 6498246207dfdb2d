/** The token of a token response, with its expiry as a point in time. */
import { Concealed, concealed } from "../common/Concealed.js"
import { describe } from "../common/options.js"
import { isObject, parseObject } from "../common/parseObject.js"
import { ConfigurationError } from "../errors/ConfigurationError.js"

/** The members of a token, as `Token` takes them. */
export interface TokenFields {
  readonly accessToken: string
  readonly refreshToken?: string | undefined
  readonly tokenType: string
  /** Milliseconds since the epoch; `undefined` if the server did not say. */
  readonly expiresAt?: number | undefined
  /** Milliseconds since the epoch: when the request for this token was sent. */
  readonly issuedAt: number
  readonly scope: readonly string[]
  /** Members of the token response that RFC 6749 does not define. */
  readonly extra: Readonly<Record<string, unknown>>
}

/** One object for all tokens, to save memory: a process may keep many tokens. */
const noExtra: TokenFields["extra"] = Object.freeze({})

/**
 * A token. Its secrets are read through accessors and print as `[redacted]`; {@link serializeToken} is the one way
 * to write it down. Since the secrets are not enumerable, compare two tokens by `accessToken`, not by deep equality.
 */
export class Token extends Concealed {
  readonly #accessToken: string
  readonly #refreshToken: string | undefined
  readonly #extra: Readonly<Record<string, unknown>>
  readonly tokenType: string
  /** Milliseconds since the epoch; `undefined` if the server did not say. */
  readonly expiresAt: number | undefined
  /** Milliseconds since the epoch: when the request for this token was sent. */
  readonly issuedAt: number
  readonly scope: readonly string[]

  constructor(fields: TokenFields) {
    super()
    this.#accessToken = fields.accessToken
    this.#refreshToken = fields.refreshToken
    this.#extra = Object.keys(fields.extra).length === 0 ? noExtra : fields.extra
    this.tokenType = fields.tokenType
    this.expiresAt = fields.expiresAt
    this.issuedAt = fields.issuedAt
    this.scope = fields.scope
    Object.freeze(this)
  }

  /** For the header `Authorization: Bearer …`. */
  get accessToken(): string {
    return this.#accessToken
  }

  /** `undefined` if the server sent none. */
  get refreshToken(): string | undefined {
    return this.#refreshToken
  }

  /** Members of the token response that RFC 6749 does not define, unchanged. They may be secret and are not printed. */
  get extra(): Readonly<Record<string, unknown>> {
    return this.#extra
  }

  toJSON() {
    return {
      accessToken: concealed,
      refreshToken: this.#refreshToken && concealed,
      ...this.shown(),
    }
  }
}

const version = 1

/** The whole token as one string, with its secrets: store it where only its owner can read it. */
export const serializeToken = (token: Token): string => serializeFields(token)

/** Reads the fields one by one, so that it also accepts the `Token` of another copy of this library. */
export const serializeFields = (token: TokenFields): string => {
  const { accessToken, refreshToken, tokenType, expiresAt, issuedAt, scope, extra } = token
  return JSON.stringify({ version, accessToken, refreshToken, tokenType, expiresAt, issuedAt, scope, extra })
}

/**
 * Whether a value can be sent as a bearer token (RFC 6749 appendix A.12, RFC 6750 §2.1): printable ASCII without spaces.
 * Any other character could end the header and start another one.
 */
export const isAccessToken = (value: unknown): value is string =>
  typeof value === "string" && /^[\x21-\x7e]+$/.test(value)

/**
 * The token that {@link serializeToken} wrote.
 *
 * @throws ConfigurationError for any other string
 */
export const restoreToken = (serialized: string): Token => {
  const token = parseToken(serialized)
  if (token !== undefined && token.accessToken !== "") return token
  throw new ConfigurationError({
    option: "serialized",
    got: `${describe(serialized)} without a token`,
    expected: "a string that serializeToken wrote",
  })
}

/** Returns `undefined` for any other value. The access token may be empty: an imported refresh token has none yet. */
export const parseToken = (serialized: unknown): Token | undefined => {
  const value = parseObject(serialized)
  if (value === undefined || value["version"] !== version) return undefined
  const { accessToken, refreshToken, tokenType, expiresAt, issuedAt, scope, extra } = value
  if (
    (isAccessToken(accessToken) || accessToken === "") &&
    (refreshToken === undefined || typeof refreshToken === "string") &&
    typeof tokenType === "string" &&
    (expiresAt === undefined || typeof expiresAt === "number") &&
    typeof issuedAt === "number" &&
    Array.isArray(scope) &&
    scope.every((part) => typeof part === "string") &&
    isObject(extra)
  ) {
    return new Token({ accessToken, refreshToken, tokenType, expiresAt, issuedAt, scope, extra })
  }
  return undefined
}

/** The size of `extra`, in characters of JSON. A record must fit into every store. */
const longestExtra = 32 * 1024

/** Leaves out members that cannot be stored: nested too deep for the runtime, or too long. */
export const storableExtra = (extra: TokenFields["extra"]): TokenFields["extra"] => {
  let left = longestExtra
  const kept = Object.entries(extra).filter(([name, value]) => {
    const length = jsonLength(value) + name.length
    if (length > left) return false
    left -= length
    return true
  })
  return Object.fromEntries(kept)
}

const jsonLength = (value: unknown): number => {
  try {
    return JSON.stringify(value)?.length ?? 0
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
