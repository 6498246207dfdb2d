/** The authorization response: the redirect that brings the user back (RFC 6749 §4.1.2). Pure. */
import * as Result from "effect/Result"
import { Concealed, concealed } from "../common/Concealed.js"
import { redact } from "../common/redact.js"
import { AuthorizationErrorResponse } from "../errors/AuthorizationErrorResponse.js"
import {
  InvalidAuthorizationResponse,
  type InvalidAuthorizationResponseReason,
} from "../errors/InvalidAuthorizationResponse.js"
import {
  type AuthorizationTransaction,
  restoreTransaction,
  transactionLifetime,
} from "./AuthorizationTransaction.js"

/** The code and everything else that the code exchange needs. Prints without its code and verifier. */
export class AuthorizationCode extends Concealed {
  readonly #code: string
  readonly #codeVerifier: string | undefined
  readonly redirectUri: string | undefined
  /** The scope that was requested. */
  readonly scope: string | undefined
  readonly returnTo: string | undefined

  constructor(code: string, transaction: Omit<AuthorizationTransaction, "state" | "createdAt">) {
    super()
    this.#code = code
    this.#codeVerifier = transaction.codeVerifier
    this.redirectUri = transaction.redirectUri
    this.scope = transaction.scope
    this.returnTo = transaction.returnTo
  }

  /** Single use, and valid for one minute after the redirect (provider page). */
  get code(): string {
    return this.#code
  }

  /** `undefined` if the login was started without PKCE. */
  get codeVerifier(): string | undefined {
    return this.#codeVerifier
  }

  toJSON() {
    return { code: concealed, codeVerifier: this.#codeVerifier && concealed, ...this.shown() }
  }
}

/** A URL, or anything with one in `href`, such as `location`. */
export type CallbackUrl = string | { readonly href: string }

/**
 * Checks a callback URL against its login. The state is checked first, before any other parameter is used (RFC 9700
 * §4.7). Fails with AuthorizationErrorResponse if the redirect has an `error`.
 *
 * @param callbackUrl the whole URL, or its path and query as a server sees them
 * @param now milliseconds since the epoch
 */
export const parseAuthorizationResponse = (
  callbackUrl: CallbackUrl,
  transaction: AuthorizationTransaction,
  now: number,
): Result.Result<AuthorizationCode, InvalidAuthorizationResponse | AuthorizationErrorResponse> => {
  const query = readQuery(callbackUrl)
  if (query === undefined) return invalid("invalidUrl")
  const states = query.getAll("state")
  if (states.length > 1) return invalid("duplicateParameter")
  if (!equalsInConstantTime(states[0] ?? "", transaction.state)) return invalid("stateMismatch")
  for (const name of ["code", "error", "error_description", "error_uri"]) {
    if (query.getAll(name).length > 1) return invalid("duplicateParameter")
  }
  if (now - transaction.createdAt > transactionLifetime) return invalid("expired")
  const { state, codeVerifier } = transaction
  const code = query.get("code") ?? ""
  const error = query.get("error") ?? ""
  if (error !== "") {
    const secrets = [code, codeVerifier ?? "", state]
    const quoted = (name: string) => redact(query.get(name) ?? "", secrets) || undefined
    return Result.fail(
      new AuthorizationErrorResponse({
        error: redact(error, secrets),
        errorDescription: quoted("error_description"),
        errorUri: quoted("error_uri"),
      }),
    )
  }
  return code === "" ? invalid("codeMissing") : Result.succeed(new AuthorizationCode(code, transaction))
}

/** The same for a serialized transaction. */
export const parseWithTransaction = (
  callbackUrl: CallbackUrl,
  serialized: string,
  now: number,
): ReturnType<typeof parseAuthorizationResponse> =>
  Result.flatMap(restoreTransaction(serialized), (transaction) =>
    parseAuthorizationResponse(callbackUrl, transaction, now),
  )

const invalid = (reason: InvalidAuthorizationResponseReason) =>
  Result.fail(new InvalidAuthorizationResponse({ reason }))

const readQuery = (callbackUrl: CallbackUrl): URLSearchParams | undefined => {
  const text: unknown = typeof callbackUrl === "string" ? callbackUrl : callbackUrl?.href
  if (typeof text !== "string") return undefined
  try {
    // A server often knows only the path and query of a request, so a base is added. No app can have this host.
    return new URL(text, "http://callback.invalid").searchParams
  } catch {
    return undefined
  }
}

/** Takes the same time for every wrong state of the right length, so the time says nothing about the state. */
const equalsInConstantTime = (given: string, expected: string): boolean => {
  if (given.length !== expected.length) return false
  let difference = 0
  for (let i = 0; i < expected.length; i++) difference |= given.charCodeAt(i) ^ expected.charCodeAt(i)
  return difference === 0
}
