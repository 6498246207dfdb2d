import { isTokenError } from "@ellipsis-oauth/core/promise"
import type { TokenProviderClient } from "../client/TokenProviderClient.js"

/** Runs what needs a token. Returns `undefined` for a signed-out user, so that public layers load without a token. */
export const unlessSignedOut = async <A>(
  client: Pick<TokenProviderClient, "getSnapshot">,
  use: () => Promise<A>,
  isRetry = false,
): Promise<A | undefined> => {
  try {
    return await use()
  } catch (error) {
    if (!isTokenError(error)) throw error
    const { status } = client.getSnapshot()
    const needsLogin = error.action === "login"
    // A map can call this before the provider is mounted and has completed the login of this page.
    if (needsLogin && status === "restoring" && !isRetry) return unlessSignedOut(client, use, true)
    if (needsLogin || status === "signedOut" || status === "signingIn") return undefined
    throw error
  }
}
