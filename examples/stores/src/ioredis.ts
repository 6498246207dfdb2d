import { redisTokenStore } from "@ellipsis-oauth/node/redis"
import { Redis } from "ioredis"

// Without the offline queue a call fails at once while Redis is away, so that the first one has to wait for `connect`.
const redis = new Redis(process.env["REDIS_URL"] ?? "redis://localhost", {
  enableOfflineQueue: false,
  lazyConnect: true,
})
redis.on("error", (error) => console.error("Redis:", error.message))
await redis.connect()

export const store = redisTokenStore({ client: redis })
