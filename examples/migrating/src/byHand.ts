import type { TokenClient } from "@ellipsis-oauth/node"

/** What hand-written code usually keeps. The refresh token is enough: the access token is asked for when it is needed. */
export interface StoredLogin {
  readonly userId: string
  readonly refreshToken: string
}

/** Safe to repeat: a token that was imported before changes nothing, since the store may have its successor. */
export const importAll = async (client: TokenClient, logins: Iterable<StoredLogin>) => {
  const failed: string[] = []
  for (const { userId, refreshToken } of logins) {
    try {
      await client.session(userId).importToken({ refreshToken })
    } catch (error) {
      failed.push(userId)
      console.error(userId, error)
    }
  }
  return failed
}
