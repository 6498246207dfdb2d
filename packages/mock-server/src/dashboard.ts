/** The page for people. */
import { type PlainReply, type PlainRequest, textReply } from "./message.js"
import type { News } from "./news.js"
import type { Provider } from "./provider.js"

export const createDashboard =
  (_provider: Provider, _news: News) =>
  (_request: PlainRequest): PlainReply =>
    textReply(200, "The mock server runs.\n")
