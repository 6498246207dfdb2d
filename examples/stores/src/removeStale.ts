import { sqliteTokenStore } from "@ellipsis-oauth/node"

const store = sqliteTokenStore({ path: "data/tokens.sqlite" })

/** Once a day, by any one process: the users of these records have to log in when they come back. */
export const cleanUp = async (): Promise<number> => store.removeStale({ notWrittenFor: "90 days" })
