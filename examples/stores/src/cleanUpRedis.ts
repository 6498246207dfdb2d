/** Once a day, by cron: removes the records of users who have not come back. They have to log in when they do. */
import { redisTokenStore } from "@ellipsis-oauth/node/redis"
import { createClient } from "redis"

const { REDIS_URL = "redis://localhost", DAYS = "90" } = process.env

const redis = await createClient({ url: REDIS_URL }).connect()
const store = redisTokenStore({ client: redis, prefix: "my-maps:" })
const removed = await store.removeStale({ notWrittenFor: `${Number(DAYS)} days` })
console.log(`Removed ${removed} records that were not written for ${DAYS} days.`)
await redis.close()
