import { isTokenError } from "@ellipsis-oauth/core/promise"

/**
 * The state shows why a login failed. So the browser reports no unhandled rejection for `onClick={() => login()}`, but
 * for mistakes of the app.
 */
export const quietLogin = (login: Promise<void>): Promise<void> => {
  const quiet: Promise<void> = login.catch((error) => {
    if (isTokenError(error) && error.action !== "fix") quiet.catch(() => {})
    throw error
  })
  return quiet
}
