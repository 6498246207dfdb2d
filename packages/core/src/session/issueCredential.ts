/** The end of a login: a code becomes a credential in the store. */
import type { AuthorizationCode } from "../authorization/AuthorizationResponse.js"
import type { TokenStoreError } from "../errors.js"
import type { Platform } from "../platform/Platform.js"
import { authorizationCodeGrant } from "../token/Grant.js"
import { requestToken, type TokenEndpointOptions } from "../token/TokenEndpoint.js"
import { ownerOf, type UnsavedCredential } from "./refreshCredential.js"
import { saveCredential } from "./saveCredential.js"

export interface IssuedCredential {
  readonly credential: UnsavedCredential
  /** Why the store did not take it; `undefined` where it did. */
  readonly notDurable: TokenStoreError | undefined
}

/**
 * A login replaces whatever is in the store: the user is here, and the server has just agreed. Rejects with a
 * TokenRequestError.
 */
export const issueCredential = async (
  platform: Platform,
  request: {
    readonly key: string
    readonly endpoint: TokenEndpointOptions
    readonly uniqueId: () => string
    readonly code: AuthorizationCode
  },
): Promise<IssuedCredential> => {
  const { key, endpoint, uniqueId, code } = request
  const token = await requestToken(platform, endpoint, authorizationCodeGrant(code))
  const credential = { token, version: uniqueId(), replaces: undefined, holder: uniqueId() }
  const result = await saveCredential(platform, {
    key,
    owner: ownerOf(endpoint),
    credential,
    ifVersion: undefined,
    budget: endpoint.deadline / 2,
  })
  return { credential, notDurable: result.saved ? undefined : result.error?.as("notDurable") }
}
