/** In the browser, without a framework. `undefined` where nobody is signed in. */
export const accessToken = async (): Promise<string | undefined> => {
  const reply = await fetch("/auth/token", { method: "POST" })
  if (reply.status === 401) return undefined
  if (!reply.ok) throw new Error(`no token now: HTTP ${reply.status}`)
  const { access_token } = (await reply.json()) as { access_token: string }
  return access_token
}

/** Where a link or `location.href` starts a login that comes back to this page. */
export const loginUrl = (path: string): string => `/auth/login?returnTo=${encodeURIComponent(path)}`
