/** Reads one header; `null` where it is missing. */
export type ReadHeader = (name: string) => string | null

/** What of a request names its session: a `Request`, one of `node:http` or Express, or its headers alone. */
export interface SessionRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: Pick<Headers, "get"> | Readonly<Record<string, string | readonly string[] | undefined>>
}

export const headersOf = ({ headers }: SessionRequest): ReadHeader => {
  if (isHeaders(headers)) return (name) => headers.get(name)
  return (name) => {
    // Serverless platforms give names as the browser wrote them.
    const value =
      headers[name] ?? headers[Object.keys(headers).find((key) => key.toLowerCase() === name) ?? name]
    if (value === undefined) return null
    return typeof value === "string" ? value : value.join(name === "cookie" ? "; " : ", ")
  }
}

const isHeaders = (headers: SessionRequest["headers"]): headers is Pick<Headers, "get"> =>
  typeof headers["get"] === "function"
