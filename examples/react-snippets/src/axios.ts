import type { TokenProviderClient } from "@ellipsis-oauth/react"
import axios from "axios"

/** Axios over the client's `fetch`: the token, the retry after a 401 and the origins are those of the client. */
export const axiosOf = (client: TokenProviderClient) =>
  axios.create({
    baseURL: "https://api.ellipsis-drive.com/v3",
    adapter: "fetch",
    env: { fetch: client.fetch },
  })
