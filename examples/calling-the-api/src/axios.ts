import type { TokenSession } from "@ellipsis-oauth/node"
import axios from "axios"

/** Axios over the session's `fetch`: the token, the retry after a 401 and the origins are those of the session. */
export const axiosOf = (session: TokenSession) =>
  axios.create({
    baseURL: "https://api.ellipsis-drive.com/v3",
    adapter: "fetch",
    env: { fetch: session.fetch },
  })
