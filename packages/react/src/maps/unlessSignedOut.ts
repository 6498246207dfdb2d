import { isTokenError } from "@ellipsis-oauth/core/promise"
import type { TokenProviderClient } from "../client/TokenProviderClient.js"

/** What needs a token, or `undefined` for a user who is signed out: public layers load without a token. */
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
    // A map can ask before its provider is mounted, which then finishes a login that ends on this page.
    if (needsLogin && status === "restoring" && !isRetry) return unlessSignedOut(client, use, true)
    if (needsLogin || status === "signedOut" || status === "signingIn") return undefined
    throw error
  }
}
