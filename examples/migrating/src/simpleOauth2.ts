import type { TokenClient } from "@ellipsis-oauth/node"
import type { Token } from "simple-oauth2"

/** A token as simple-oauth2 has it in `accessToken.token`, and as JSON in your database. */
export const importFromSimpleOauth2 = async (client: TokenClient, userId: string, old: Token) => {
  const { access_token, refresh_token, expires_at } = old as Record<string, string | undefined>
  await client.session(userId).importToken({
    accessToken: access_token,
    refreshToken: refresh_token,
    expiresAt: expires_at === undefined ? undefined : new Date(expires_at).getTime(),
  })
}
