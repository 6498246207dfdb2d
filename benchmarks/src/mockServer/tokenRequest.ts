/** One token request on a socket. */
import { once } from "node:events"
import { request } from "node:http"
import { text } from "node:stream/consumers"
import type { Running } from "./servers/running.ts"

const headers = { "content-type": "application/x-www-form-urlencoded" }

/** The members of the token response; fails if it has no access token. */
export const requestToken = async (url: string, body: string): Promise<Record<string, unknown>> => {
  const sent = request(url, { method: "POST", headers, agent: false }).end(body)
  const [response] = await once(sent, "response")
  const token = JSON.parse(await text(response))
  if (typeof token.access_token !== "string") throw new Error(`no token: ${JSON.stringify(token)}`)
  return token
}

/** Refresh grants, one for each of `count` connections where the server's tokens may rotate. */
export const refreshGrants = async (
  { url, logins, refresh }: Running,
  count: number,
): Promise<readonly string[]> => {
  if (refresh !== undefined) return Array(count).fill(refresh)
  return Promise.all(
    logins.slice(0, count).map(async (login) => {
      const { refresh_token } = await requestToken(url, login)
      return `grant_type=refresh_token&refresh_token=${refresh_token}&client_id=demo-app&client_secret=demo-secret`
    }),
  )
}
