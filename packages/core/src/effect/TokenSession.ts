/** A session with its calls as effects beside the promises. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Tracer from "effect/Tracer"
import type { ConfigurationError, TokenStoreError } from "../errors.js"
import type { RefreshError } from "../session/refreshCredential.js"
import {
  type CallbackUrl,
  type CompleteAuthorizationError,
  defaultKey,
  type GetAccessTokenOptions,
  TokenSession as PromiseTokenSession,
} from "../session/TokenSession.js"
import { makeTokenSessionShared, type TokenSessionSettings } from "../session/TokenSessionShared.js"
import type { TokenState } from "../session/TokenState.js"
import { makeTokenEndpoint } from "../token/makeTokenEndpoint.js"
import type { Token } from "../token/Token.js"
import type { TokenEndpointSettings } from "../token/TokenEndpoint.js"
import { fromPromise } from "./fromPromise.js"
import { platformFrom } from "./platformFrom.js"
import type { TokenStore, Transport, WebCrypto } from "./services.js"

export class TokenSession extends PromiseTokenSession {
  /** One session by itself, with the services, the clock and the tracer of the effect that runs it. */
  static make(
    options: TokenEndpointSettings & Pick<TokenSessionSettings, "onEvent"> & { readonly key?: string },
  ): Effect.Effect<TokenSession, ConfigurationError, Transport | WebCrypto | TokenStore> {
    return Effect.flatMap(Effect.context<Transport | WebCrypto | TokenStore>(), (context) =>
      fromPromise(() => {
        const platform = platformFrom(outsideOfSpans(context))
        const shared = makeTokenSessionShared(makeTokenEndpoint(options), platform, options.onEvent)
        return new TokenSession(options.key ?? defaultKey, shared)
      }),
    )
  }

  /** The same calls as effects. Interrupting one lets the caller go; what it waits for goes on. */
  get effect() {
    return {
      getAccessToken: (
        options?: Omit<GetAccessTokenOptions, "signal">,
      ): Effect.Effect<string, RefreshError> =>
        Effect.suspend(() => {
          const cached = this.cached(options)
          return cached === undefined
            ? fromPromise(() => this.getAccessToken(options))
            : Effect.succeed(cached)
        }),
      completeAuthorization: (
        callbackUrl: CallbackUrl,
        transaction: string,
      ): Effect.Effect<Token, CompleteAuthorizationError> =>
        fromPromise(() => this.completeAuthorization(callbackUrl, transaction)),
      restore: (): Effect.Effect<TokenState, TokenStoreError> => fromPromise(() => this.restore()),
      reload: (): Effect.Effect<TokenState, TokenStoreError> => fromPromise(() => this.reload()),
      signOut: (): Effect.Effect<void, TokenStoreError> => fromPromise(() => this.signOut()),
    }
  }
}

/** A session outlives the span that it was made in. */
export const outsideOfSpans = <R>(context: Context.Context<R>): Context.Context<R> =>
  Context.omit(Tracer.ParentSpan)(context) as Context.Context<R>
