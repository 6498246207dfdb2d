/** Once a day, by cron: removes the records of users who have not come back. They have to log in when they do. */
import { sqliteTokenStore } from "@ellipsis-oauth/node"

const { TOKENS = "data/tokens.sqlite", DAYS = "90" } = process.env

const store = sqliteTokenStore({ path: TOKENS })
const removed = await store.removeStale({ notWrittenFor: `${Number(DAYS)} days` })
console.log(`Removed ${removed} records that were not written for ${DAYS} days.`)
await store.close?.()
