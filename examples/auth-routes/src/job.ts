import { isTokenError, type TokenClient } from "@ellipsis-oauth/node"

export type Outcome = "done" | "disconnected" | "later"

/** One user's part of a nightly job. */
export const exportAccount = async (
  client: TokenClient,
  userId: string,
  save: (account: unknown) => Promise<void>,
): Promise<Outcome> => {
  try {
    await save(await client.session(userId).ky().get("account").json())
    return "done"
  } catch (error) {
    if (!isTokenError(error) || error.action === "fix") throw error
    return error.action === "login" ? "disconnected" : "later"
  }
}
