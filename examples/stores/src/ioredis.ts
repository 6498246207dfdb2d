import { redisTokenStore } from "@ellipsis-oauth/node/redis"
import { Redis } from "ioredis"

const redis = new Redis(process.env["REDIS_URL"] ?? "redis://localhost", { enableOfflineQueue: false })
redis.on("error", (error) => console.error("Redis:", error.message))

export const store = redisTokenStore({ client: redis })
