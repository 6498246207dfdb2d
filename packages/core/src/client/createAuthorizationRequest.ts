/** An authorization request as an effect. */
import * as Effect from "effect/Effect"
import type { ConfigurationError } from "../errors/ConfigurationError.js"
import type { AuthorizationRequest } from "../protocol/AuthorizationRequest.js"
import type { AuthorizationServer } from "../protocol/AuthorizationServer.js"
import type { Client } from "../protocol/Client.js"
import { WebCrypto } from "../services/WebCrypto.js"
import {
  type CreateAuthorizationRequestOptions,
  drawAuthorizationRequest,
  type PkceOption,
} from "./drawAuthorizationRequest.js"

/** Draws a random state and verifier, and builds the URL and its transaction (RFC 6749 §4.1.1, RFC 7636). */
export const createAuthorizationRequest = (
  server: AuthorizationServer,
  client: Client,
  options: CreateAuthorizationRequestOptions & { readonly pkce: PkceOption },
): Effect.Effect<AuthorizationRequest, ConfigurationError, WebCrypto> =>
  Effect.flatMap(WebCrypto, (crypto) => drawAuthorizationRequest(crypto, server, client, options))
