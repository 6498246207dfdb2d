import type { TokenClient } from "@ellipsis-oauth/node"

/** A row of next-auth's table of accounts, or the fields that the callback `jwt` keeps in the token. */
export interface Account {
  readonly userId: string
  readonly access_token?: string | null
  readonly refresh_token?: string | null
  /** Seconds since the epoch. */
  readonly expires_at?: number | null
}

export const importFromNextAuth = async (client: TokenClient, account: Account) => {
  const { userId, access_token, refresh_token, expires_at } = account
  await client.session(userId).importToken({
    accessToken: access_token ?? undefined,
    refreshToken: refresh_token ?? undefined,
    expiresAt: typeof expires_at === "number" ? expires_at * 1000 : undefined,
  })
}
