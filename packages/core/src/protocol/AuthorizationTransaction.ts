/** What an app keeps between an authorization request and its response, as one opaque string. */
import * as Base64Url from "effect/encoding/Base64Url"
import * as Result from "effect/Result"
import { InvalidAuthorizationResponse } from "../errors/InvalidAuthorizationResponse.js"

/** What an app keeps of an authorization request until the user comes back: state, verifier, and where to go. */
export interface AuthorizationTransaction {
  readonly state: string
  readonly codeVerifier?: string | undefined
  readonly redirectUri?: string | undefined
  /** The scope that was requested. */
  readonly scope?: string | undefined
  /** Where the app wants to go after the login. Not checked here: the app decides what it redirects to. */
  readonly returnTo?: string | undefined
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

/** How long a user may take to log in: one hour, in milliseconds. Older transactions are refused. */
export const transactionLifetime = 3_600_000

const version = 1

/** Keep the result in the user's own session (on the server, or in an HttpOnly cookie): it contains the verifier. */
export const serializeTransaction = (transaction: AuthorizationTransaction): string => {
  const { state, codeVerifier, redirectUri, scope, returnTo, createdAt } = transaction
  return Base64Url.encode(
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

/** Fails with InvalidAuthorizationResponse for anything that {@link serializeTransaction} did not write. */
export const restoreTransaction = (
  serialized: unknown,
): Result.Result<AuthorizationTransaction, InvalidAuthorizationResponse> => {
  const transaction = parseTransaction(serialized)
  return transaction === undefined
    ? Result.fail(new InvalidAuthorizationResponse({ reason: "invalidTransaction" }))
    : Result.succeed(transaction)
}

/** `undefined` for anything that {@link serializeTransaction} did not write. */
export const parseTransaction = (serialized: unknown): AuthorizationTransaction | undefined => {
  const fields = typeof serialized === "string" ? parse(serialized) : undefined
  if (!Array.isArray(fields) || fields.length !== 7) return undefined
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
  return undefined
}

const isOptionalString = (value: unknown): value is string | null =>
  value === null || typeof value === "string"

const parse = (serialized: string): unknown => {
  try {
    return JSON.parse(Result.getOrThrow(Base64Url.decodeString(serialized)))
  } catch {
    return undefined
  }
}
