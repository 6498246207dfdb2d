/** The steps of the grants as effects. */
import * as Effect from "effect/Effect"
import {
  type AuthorizationRequest,
  type CreateAuthorizationRequestOptions,
  createAuthorizationRequest as create,
} from "../authorization/AuthorizationRequest.js"
import { type CodeChallengeMethod, makeCodeChallenge as challenge } from "../authorization/Pkce.js"
import type { ConfigurationError, TokenRequestError } from "../errors.js"
import type { AuthorizationServer } from "../registration/AuthorizationServer.js"
import type { Client } from "../registration/Client.js"
import type { Grant } from "../token/Grant.js"
import type { Token } from "../token/Token.js"
import { requestToken as request, type TokenEndpointOptions } from "../token/TokenEndpoint.js"
import { fromPromise } from "./fromPromise.js"
import { cryptoFrom, transportFrom } from "./platformFrom.js"
import type { Transport, WebCrypto } from "./services.js"

/** The code challenge for a verifier (RFC 7636 §4.2). */
export const makeCodeChallenge = (
  method: CodeChallengeMethod,
  codeVerifier: string,
): Effect.Effect<string, ConfigurationError, WebCrypto> =>
  Effect.flatMap(Effect.context<WebCrypto>(), (context) =>
    fromPromise(() => challenge(cryptoFrom(context).crypto, method, codeVerifier)),
  )

/** Draws state and verifier, and builds the URL and the transaction that belongs to it. */
export const createAuthorizationRequest = (
  server: AuthorizationServer,
  client: Client,
  options: CreateAuthorizationRequestOptions & { readonly pkce: CodeChallengeMethod | "none" },
): Effect.Effect<AuthorizationRequest, ConfigurationError, WebCrypto> =>
  Effect.flatMap(Effect.context<WebCrypto>(), (context) =>
    fromPromise(() => create(cryptoFrom(context), server, client, options)),
  )

/**
 * Sends one grant and returns its token. Retried, inside the deadline: no connection, timeouts, cut-off replies, 429
 * and 5xx. Interrupting it aborts the HTTP request.
 */
export const requestToken = (
  options: TokenEndpointOptions,
  grant: Grant,
  previous?: Token,
): Effect.Effect<Token, TokenRequestError, Transport> =>
  Effect.flatMap(Effect.context<Transport>(), (context) =>
    fromPromise((signal) => request(transportFrom(context), options, grant, { previous, signal })),
  )
