/** The token: what the token endpoint gave, with its expiry as a point in time. */
import { Concealed, concealed } from "../common/Concealed.js"
import { describe } from "../common/options.js"
import { ConfigurationError } from "../errors.js"

export interface TokenFields {
  readonly accessToken: string
  readonly refreshToken?: string | undefined
  readonly tokenType: string
  /** Milliseconds since the epoch; `undefined` where the server did not say. */
  readonly expiresAt?: number | undefined
  /** Milliseconds since the epoch: when the request for this token was sent. */
  readonly issuedAt: number
  readonly scope: readonly string[]
  /** Members of the reply that RFC 6749 does not define. */
  readonly extra: Readonly<Record<string, unknown>>
}

/**
 * A token. Its secrets are read through accessors and print as `[redacted]`; {@link serializeToken} is the one way
 * to write it down. Since the secrets are not enumerable, compare two tokens by `accessToken`, not by deep equality.
 */
export class Token extends Concealed {
  readonly #accessToken: string
  readonly #refreshToken: string | undefined
  readonly #extra: Readonly<Record<string, unknown>>
  readonly tokenType: string
  readonly expiresAt: number | undefined
  readonly issuedAt: number
  readonly scope: readonly string[]

  constructor(fields: TokenFields) {
    super()
    this.#accessToken = fields.accessToken
    this.#refreshToken = fields.refreshToken
    this.#extra = fields.extra
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

  /** `undefined` where the server gave none. */
  get refreshToken(): string | undefined {
    return this.#refreshToken
  }

  /** Members of the reply that RFC 6749 does not define, as they came. May hold secrets, so it is not printed. */
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

/** The whole token as one string, secrets included: for a place that only its owner can read. */
export const serializeToken = (token: Token): string =>
  JSON.stringify({
    version,
    ...token.toJSON(),
    accessToken: token.accessToken,
    refreshToken: token.refreshToken,
    extra: token.extra,
  })

/**
 * The token that {@link serializeToken} wrote.
 *
 * @throws ConfigurationError for any other string
 */
export const restoreToken = (serialized: string): Token => {
  const value = parseObject(serialized)
  if (value !== undefined && value["version"] === version) {
    const { accessToken, refreshToken, tokenType, expiresAt, issuedAt, scope, extra } = value
    if (
      typeof accessToken === "string" &&
      accessToken !== "" &&
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
  }
  throw new ConfigurationError({
    option: "serialized",
    got: `${describe(serialized)} that is no token`,
    expected: "a string that serializeToken wrote",
  })
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const parseObject = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
