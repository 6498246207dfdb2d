/** The end of a login: a code becomes a credential in the store. */
import * as Effect from "effect/Effect"
import type { AuthorizationCode } from "../authorization/AuthorizationResponse.js"
import type { TokenRequestError, TokenStoreError } from "../errors.js"
import type { TokenStore } from "../store/TokenStore.js"
import { authorizationCodeGrant } from "../token/Grant.js"
import { requestToken, type TokenEndpointOptions } from "../token/TokenEndpoint.js"
import type { Transport } from "../token/Transport.js"
import { ownerOf, type UnsavedCredential } from "./refreshCredential.js"
import { saveCredential } from "./saveCredential.js"

export interface IssuedCredential {
  readonly credential: UnsavedCredential
  /** Why the store did not take it; `undefined` where it did. */
  readonly notDurable: TokenStoreError | undefined
}

/** A login replaces whatever is in the store: the user is here, and the server has just agreed. */
export const issueCredential = Effect.fnUntraced(function* (request: {
  readonly key: string
  readonly endpoint: TokenEndpointOptions
  readonly uniqueId: () => string
  readonly code: AuthorizationCode
}): Effect.fn.Return<IssuedCredential, TokenRequestError, Transport | TokenStore> {
  const { key, endpoint, uniqueId, code } = request
  const token = yield* requestToken(endpoint, authorizationCodeGrant(code))
  const credential = { token, version: uniqueId(), replaces: undefined, holder: uniqueId() }
  const budget = endpoint.deadline / 2
  const result = yield* saveCredential({
    key,
    owner: ownerOf(endpoint),
    credential,
    ifVersion: undefined,
    budget,
  })
  return { credential, notDurable: result.saved ? undefined : result.error?.as("notDurable") }
})
