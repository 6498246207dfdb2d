/** What has to be remembered between an authorization request and its response, as one opaque string. */
import { decodeBase64Url, encodeBase64Url } from "../common/base64.js"
import { InvalidAuthorizationResponse } from "../errors.js"

export interface AuthorizationTransaction {
  readonly state: string
  readonly codeVerifier?: string | undefined
  readonly redirectUri?: string | undefined
  /** What the request asked for. */
  readonly scope?: string | undefined
  /** Where the app wants to go after the login. Not checked here: the app decides what it redirects to. */
  readonly returnTo?: string | undefined
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

/** How long a user may take to log in: one hour, in milliseconds. Older transactions are refused. */
export const transactionLifetime = 3_600_000

const version = 1

/** The transaction for the user's own session (a server-side session, or an HttpOnly cookie): it holds the verifier. */
export const serializeTransaction = (transaction: AuthorizationTransaction): string => {
  const { state, codeVerifier, redirectUri, scope, returnTo, createdAt } = transaction
  return encodeBase64Url(
    JSON.stringify([
      version,
      createdAt,
      state,
      codeVerifier ?? null,
      redirectUri ?? null,
      scope ?? null,
      returnTo ?? null,
    ]),
  )
}

/** @throws InvalidAuthorizationResponse for anything that {@link serializeTransaction} did not write */
export const restoreTransaction = (serialized: unknown): AuthorizationTransaction => {
  const fields = typeof serialized === "string" ? parse(serialized) : undefined
  if (Array.isArray(fields) && fields.length === 7) {
    const [found, createdAt, state, codeVerifier, redirectUri, scope, returnTo]: readonly unknown[] = fields
    if (
      found === version &&
      typeof createdAt === "number" &&
      typeof state === "string" &&
      state !== "" &&
      isOptionalString(codeVerifier) &&
      isOptionalString(redirectUri) &&
      isOptionalString(scope) &&
      isOptionalString(returnTo)
    ) {
      return {
        state,
        createdAt,
        codeVerifier: codeVerifier ?? undefined,
        redirectUri: redirectUri ?? undefined,
        scope: scope ?? undefined,
        returnTo: returnTo ?? undefined,
      }
    }
  }
  throw new InvalidAuthorizationResponse({ reason: "invalidTransaction" })
}

const isOptionalString = (value: unknown): value is string | null =>
  value === null || typeof value === "string"

const parse = (serialized: string): unknown => {
  try {
    return JSON.parse(decodeBase64Url(serialized))
  } catch {
    return undefined
  }
}
