import type { ReadHeader } from "./requestOrigin.js"

/** What of a request names its session: a `Request`, one of `node:http` or Express, or its headers alone. */
export interface SessionRequest {
  readonly method?: string | undefined
  readonly headers: Pick<Headers, "get"> | Readonly<Record<string, string | readonly string[] | undefined>>
}

export const headersOf = ({ headers }: SessionRequest): ReadHeader => {
  if (isHeaders(headers)) return (name) => headers.get(name)
  return (name) => {
    const value = headers[name]
    return value === undefined ? null : typeof value === "string" ? value : value.join(", ")
  }
}

const isHeaders = (headers: SessionRequest["headers"]): headers is Pick<Headers, "get"> =>
  typeof headers["get"] === "function"
