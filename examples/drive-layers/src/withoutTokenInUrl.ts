import { type TokenProviderClient, transformRequestAsync } from "@ellipsis-oauth/react"

/**
 * The `transformRequest` for layers whose package writes the token into the URLs of their tiles: it is taken out, and
 * the current token goes into the header.
 */
export const withoutTokenInUrl = (client: TokenProviderClient) => {
  const transformRequest = transformRequestAsync(client)
  return async (url: string) => {
    if (!client.authorizes(url)) return { url }
    const clean = new URL(url, location.href)
    clean.searchParams.delete("token")
    return transformRequest(clean.href)
  }
}
