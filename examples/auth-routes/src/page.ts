/** In the browser, without a framework. `undefined` where nobody is signed in. */
export const accessToken = async (): Promise<string | undefined> => {
  const response = await fetch("/auth/token", { method: "POST" })
  if (response.status === 401) return undefined
  const body = (await response.json()) as { access_token: string; error_description: string }
  // 503: try again after the seconds of `Retry-After`. Nobody is signed out.
  if (!response.ok) throw new Error(body.error_description)
  return body.access_token
}

/** Where a link or `location.href` starts a login that comes back to this page. */
export const loginUrl = (path: string): string => `/auth/login?returnTo=${encodeURIComponent(path)}`
