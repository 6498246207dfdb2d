// What the compiler knows of the Effect side: each effect has its errors in its type, and tags narrow them.
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import { expectTypeOf, test } from "vitest"
import {
  type AuthorizationCode,
  type AuthorizationErrorResponse,
  type AuthorizationRequest,
  type buildAuthorizationRequest,
  type buildTokenRequest,
  type CompleteAuthorizationError,
  type ConfigurationError,
  type createAuthorizationRequest,
  type HttpRequest,
  type InvalidAuthorizationResponse,
  type LoginRequired,
  type parseAuthorizationResponse,
  type parseTokenResponse,
  type RefreshError,
  type requestToken,
  type restoreTransaction,
  type Token,
  type TokenClient,
  type TokenRequestError,
  type TokenResponseError,
  type TokenSession,
  type TokenState,
  TokenStore,
  type TokenStoreError,
  type Transport,
  type WebCrypto,
} from "../../src/index.js"

type ResultOf<F extends (...args: never) => unknown> = ReturnType<F>

test("pure steps give a Result with their errors", () => {
  expectTypeOf<ResultOf<typeof buildAuthorizationRequest>>().toEqualTypeOf<
    Result.Result<string, ConfigurationError>
  >()
  expectTypeOf<ResultOf<typeof parseAuthorizationResponse>>().toEqualTypeOf<
    Result.Result<AuthorizationCode, InvalidAuthorizationResponse | AuthorizationErrorResponse>
  >()
  expectTypeOf<ResultOf<typeof buildTokenRequest>>().toEqualTypeOf<
    Result.Result<HttpRequest, ConfigurationError>
  >()
  expectTypeOf<ResultOf<typeof parseTokenResponse>>().toEqualTypeOf<
    Result.Result<Token, TokenResponseError>
  >()
  expectTypeOf<ResultOf<typeof restoreTransaction>>().toExtend<
    Result.Result<unknown, InvalidAuthorizationResponse>
  >()
})

test("effects have their errors and what they need in the type", () => {
  expectTypeOf<ResultOf<typeof requestToken>>().toEqualTypeOf<
    Effect.Effect<Token, TokenRequestError, Transport>
  >()
  expectTypeOf<ResultOf<typeof createAuthorizationRequest>>().toEqualTypeOf<
    Effect.Effect<AuthorizationRequest, ConfigurationError, WebCrypto>
  >()
  expectTypeOf<ResultOf<typeof TokenClient.make>>().toEqualTypeOf<
    Effect.Effect<
      TokenClient["Service"],
      ConfigurationError,
      Scope.Scope | Transport | WebCrypto | TokenStore
    >
  >()
  expectTypeOf<ResultOf<typeof TokenClient.layer>>().toEqualTypeOf<
    Layer.Layer<TokenClient, ConfigurationError, Transport | WebCrypto | TokenStore>
  >()
  expectTypeOf<ResultOf<typeof TokenStore.fromAdapter>>().toEqualTypeOf<
    Layer.Layer<TokenStore, ConfigurationError>
  >()
  expectTypeOf(TokenStore.memory).toEqualTypeOf<Layer.Layer<TokenStore>>()
  expectTypeOf<ResultOf<typeof WebCrypto.layer>>().toEqualTypeOf<Layer.Layer<WebCrypto>>()
})

test("so have those of the client and its sessions", () => {
  type Client = TokenClient["Service"]
  expectTypeOf<ResultOf<Client["exchangeAuthorizationCode"]>>().toEqualTypeOf<
    Effect.Effect<Token, TokenRequestError>
  >()
  expectTypeOf<ResultOf<Client["refreshToken"]>>().toEqualTypeOf<Effect.Effect<Token, TokenRequestError>>()
  expectTypeOf<ResultOf<Client["session"]>>().toEqualTypeOf<Effect.Effect<TokenSession, ConfigurationError>>()
  expectTypeOf<ResultOf<TokenSession["getAccessToken"]>>().toEqualTypeOf<
    Effect.Effect<string, RefreshError>
  >()
  expectTypeOf<ResultOf<TokenSession["getToken"]>>().toEqualTypeOf<Effect.Effect<Token, RefreshError>>()
  expectTypeOf<ResultOf<TokenSession["completeAuthorization"]>>().toEqualTypeOf<
    Effect.Effect<Token, CompleteAuthorizationError>
  >()
  expectTypeOf<ResultOf<TokenSession["importToken"]>>().toEqualTypeOf<
    Effect.Effect<void, TokenStoreError | ConfigurationError>
  >()
  expectTypeOf<TokenSession["restore"]>().toEqualTypeOf<Effect.Effect<TokenState, TokenStoreError>>()
  expectTypeOf<TokenSession["reload"]>().toEqualTypeOf<Effect.Effect<TokenState, TokenStoreError>>()
  expectTypeOf<TokenSession["signOut"]>().toEqualTypeOf<
    Effect.Effect<void, TokenStoreError | ConfigurationError>
  >()
  expectTypeOf<TokenSession["changes"]>().toEqualTypeOf<Stream.Stream<TokenState>>()
})

test("catchTag narrows, and leaves the other errors", () => {
  const signedOut = (session: TokenSession) =>
    session.getAccessToken().pipe(
      Effect.catchTag("LoginRequired", (error) => {
        expectTypeOf(error).toEqualTypeOf<LoginRequired>()
        return Effect.succeed(error.reason)
      }),
      Effect.catchTag(["TokenStoreError", "TransportError"], (error) => {
        expectTypeOf(error._tag).toEqualTypeOf<"TokenStoreError" | "TransportError">()
        return Effect.succeed(error.message)
      }),
    )
  expectTypeOf<Effect.Error<ReturnType<typeof signedOut>>["_tag"]>().toEqualTypeOf<
    "ConfigurationError" | "TokenErrorResponse" | "InvalidTokenResponse" | "TokenEndpointUnavailable"
  >()
  const unknownTag = (session: TokenSession) =>
    // @ts-expect-error No session fails with this.
    Effect.catchTag(session.getAccessToken(), "LoginRequierd", () => Effect.void)
  expectTypeOf(unknownTag).toBeFunction()
})
