/** A session for Effect programs: one stored credential, its current token, and the callers that wait for it. */
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import type { ConfigurationError } from "../errors/ConfigurationError.js"
import type { CompleteAuthorizationError, RefreshError } from "../errors/TokenError.js"
import type { TokenStoreError } from "../errors/TokenStoreError.js"
import type { CallbackUrl } from "../protocol/AuthorizationResponse.js"
import type { Token } from "../protocol/Token.js"
import type { ImportedToken } from "../session/ImportedToken.js"
import type { Session } from "../session/Session.js"
import type { TokenRequirements } from "../session/TokenRequirements.js"
import type { TokenState } from "../session/TokenState.js"

/** Interrupting one of its effects ends only the caller's wait. The work goes on in the client's scope. */
export interface TokenSession {
  readonly key: string
  /** A valid access token. If the current one is too old, it is refreshed once for all callers. */
  readonly getAccessToken: (options?: TokenRequirements) => Effect.Effect<string, RefreshError>
  /** The whole token, with its scope and the server's further members (`extra`). */
  readonly getToken: (options?: TokenRequirements) => Effect.Effect<Token, RefreshError>
  /** Call it when an API refused this access token (HTTP 401): the next call gets another one. */
  readonly reportRejected: (accessToken: string) => Effect.Effect<void>
  /** Completes a login: checks the URL that the user came back to, exchanges the code, and stores the token. */
  readonly completeAuthorization: (
    callbackUrl: CallbackUrl,
    transaction: string,
  ) => Effect.Effect<Token, CompleteAuthorizationError>
  /**
   * Takes over a token from another library, a CI secret or a database. Importing the same token again changes nothing,
   * since the store may hold a newer one, unless `replace` is true.
   */
  readonly importToken: (
    token: Token | ImportedToken,
    options?: { readonly replace?: boolean | undefined },
  ) => Effect.Effect<void, TokenStoreError | ConfigurationError>
  /** Reads the store, unless it was read before, and returns the state. Makes no request. */
  readonly restore: Effect.Effect<TokenState, TokenStoreError>
  /** Reads the store again, for example after another process wrote to it. Makes no request. */
  readonly reload: Effect.Effect<TokenState, TokenStoreError>
  /** Removes the token from memory and from the store. */
  readonly signOut: Effect.Effect<void, TokenStoreError | ConfigurationError>
  /** The current state. */
  readonly state: Effect.Effect<TokenState>
  /** The current state, then each new state. A slow reader gets only the newest. */
  readonly changes: Stream.Stream<TokenState>
}

export const makeTokenSession = (session: Session): TokenSession => ({
  key: session.key,
  getAccessToken: (options) => Effect.map(session.getToken(options), ({ accessToken }) => accessToken),
  getToken: (options) => session.getToken(options),
  reportRejected: (accessToken) => Effect.sync(() => session.state.reject(accessToken)),
  completeAuthorization: (callbackUrl, transaction) =>
    session.completeAuthorization(callbackUrl, transaction),
  importToken: (token, options) => session.importToken(token, options),
  restore: session.restore(),
  reload: session.reload(),
  signOut: session.signOut(),
  state: Effect.sync(() => session.state.snapshot()),
  changes: Stream.callback<TokenState>(
    (queue) =>
      Effect.acquireRelease(
        Effect.sync(() => {
          const offer = () => Queue.offerUnsafe(queue, session.state.snapshot())
          offer()
          return session.state.subscribe(offer)
        }),
        (unsubscribe) => Effect.sync(unsubscribe),
      ),
    { bufferSize: 1, strategy: "sliding" },
  ),
})
