/** Draws state and verifier, and builds the URL and the transaction that belongs to it. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { checked } from "../common/checked.js"
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
import { formatScope, type ScopeOption } from "../protocol/scope.js"
import type { WebCryptoCalls } from "../services/fromWebCrypto.js"

/** What `createAuthorizationRequest` takes. */
export interface CreateAuthorizationRequestOptions {
  /** One string with spaces, or a list; the server's default if left out. */
  readonly scope?: ScopeOption | undefined
  /** Where the app wants to go after the login; it comes back from `parseAuthorizationResponse`. */
  readonly returnTo?: string | undefined
  /** Overrides the client's own, where several are registered. */
  readonly redirectUri?: string | undefined
  /** Further parameters of the query, such as `prompt`. They cannot replace one of the standard's. */
  readonly extra?: Readonly<Record<string, string>> | undefined
}

/** How the request proves later that it is the same app (RFC 7636). */
export type PkceOption = CodeChallengeMethod | "none"

export const drawAuthorizationRequest = Effect.fnUntraced(function* (
  crypto: WebCryptoCalls,
  server: AuthorizationServer,
  client: Client,
  options: CreateAuthorizationRequestOptions & { readonly pkce: PkceOption },
): Effect.fn.Return<AuthorizationRequest, ConfigurationError> {
  const { pkce, returnTo, extra } = options
  const [redirectUri, scope] = yield* Effect.fromResult(
    checked(() => [
      options.redirectUri === undefined
        ? client.redirectUri
        : requireRedirectUri(server, options.redirectUri),
      formatScope(options.scope),
    ]),
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
