import { createTokenClient } from "@ellipsis-oauth/node"
import { redisTokenStore } from "@ellipsis-oauth/node/redis"
import { createClient } from "redis"

// Without the offline queue a call fails at once while Redis is away, instead of being sent whenever it is back.
const redis = createClient({
  url: process.env["REDIS_URL"] ?? "redis://localhost",
  disableOfflineQueue: true,
})
redis.on("error", (error: Error) => console.error("Redis:", error.message))
await redis.connect()

export const client = createTokenClient({
  clientId: "your-client-id",
  store: redisTokenStore({ client: redis, prefix: "my-maps:" }),
})
