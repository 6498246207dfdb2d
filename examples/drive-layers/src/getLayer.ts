import type { TokenProviderClient } from "@ellipsis-oauth/react"
import { EllipsisApi, type Path } from "ellipsis-js-util"

/** A call of the API by the provider's package: it takes the token of this moment. */
export const getLayer = async (client: TokenProviderClient, pathId: string): Promise<Path> =>
  EllipsisApi.getPath(pathId, { token: await client.getAccessToken() })
