/** Draws a random state and verifier, and builds the URL and its transaction. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { checked } from "../common/checked.js"
import { badOption } from "../common/options.js"
import type { ConfigurationError } from "../errors/ConfigurationError.js"
import {
  type AuthorizationRequest,
  buildAuthorizationRequest,
  formatState,
  stateBytes,
} from "../protocol/AuthorizationRequest.js"
import type { AuthorizationServer } from "../protocol/AuthorizationServer.js"
import { serializeTransaction } from "../protocol/AuthorizationTransaction.js"
import { type Client, requireRedirectUri } from "../protocol/Client.js"
import {
  type CodeChallengeMethod,
  codeVerifierBytes,
  formatCodeChallenge,
  formatCodeVerifier,
} from "../protocol/pkce.js"
import { type ExtraParameters, requireExtra } from "../protocol/requireExtra.js"
import { formatScope, type ScopeOption } from "../protocol/scope.js"
import type { WebCryptoCalls } from "../services/fromWebCrypto.js"

/** The options of `createAuthorizationRequest`. */
export interface CreateAuthorizationRequestOptions {
  /** One string with spaces, or a list; the server's default if left out. */
  readonly scope?: ScopeOption | undefined
  /** Where the app wants to go after the login. `parseAuthorizationResponse` returns it. */
  readonly returnTo?: string | undefined
  /** The redirect URI of this login, if several are registered: the client's if left out. */
  readonly redirectUri?: string | undefined
  /** Further parameters of the query, such as `prompt`. A parameter that the request sets itself is an error. */
  readonly extra?: ExtraParameters | undefined
}

/** How the code exchange proves that it comes from the app that started the login (RFC 7636). */
export type PkceOption = CodeChallengeMethod | "none"

export const drawAuthorizationRequest = Effect.fnUntraced(function* (
  crypto: WebCryptoCalls,
  server: AuthorizationServer,
  client: Client,
  options: CreateAuthorizationRequestOptions & { readonly pkce: PkceOption },
): Effect.fn.Return<AuthorizationRequest, ConfigurationError> {
  const { pkce } = options
  const { returnTo, redirectUri, scope, extra } = yield* Effect.fromResult(
    checked(() => ({
      returnTo: requireReturnTo(options.returnTo),
      redirectUri:
        options.redirectUri === undefined
          ? client.redirectUri
          : requireRedirectUri(server, options.redirectUri),
      scope: formatScope(options.scope),
      extra: requireExtra(options.extra),
    })),
  )
  const state = formatState(crypto.randomBytes(stateBytes))
  const codeVerifier = pkce === "none" ? undefined : formatCodeVerifier(crypto.randomBytes(codeVerifierBytes))
  const challenge =
    codeVerifier === undefined
      ? {}
      : {
          codeChallenge:
            pkce === "plain" ? codeVerifier : formatCodeChallenge(yield* crypto.sha256(codeVerifier)),
          codeChallengeMethod: pkce as CodeChallengeMethod,
        }
  const createdAt = yield* Clock.currentTimeMillis
  const url = yield* Effect.fromResult(
    buildAuthorizationRequest(server, client, { redirectUri, scope, state, extra, ...challenge }),
  )
  return {
    url,
    transaction: serializeTransaction({ state, codeVerifier, redirectUri, scope, returnTo, createdAt }),
  }
})

/** Checked before the login: the transaction of another value could not be read after it. */
const requireReturnTo = (returnTo: unknown): string | undefined => {
  if (typeof returnTo === "string") return returnTo
  // URLSearchParams.get returns null for a missing parameter.
  if (returnTo === undefined || returnTo === null) return undefined
  throw badOption("returnTo", returnTo, "a string")
}
