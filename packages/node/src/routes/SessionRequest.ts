/** Reads one header; `null` where it is missing. */
export type ReadHeader = (name: string) => string | null

/** A request whose session is needed: a `Request`, one of `node:http` or Express, or an object with its headers. */
export interface SessionRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: Pick<Headers, "get"> | Readonly<Record<string, string | readonly string[] | undefined>>
}

export const headersOf = ({ headers }: SessionRequest): ReadHeader => {
  if (isHeaders(headers)) return (name) => headers.get(name)
  return (name) => {
    // Serverless platforms may keep the upper case letters of a name.
    const value =
      headers[name] ?? headers[Object.keys(headers).find((key) => key.toLowerCase() === name) ?? name]
    if (value === undefined) return null
    return typeof value === "string" ? value : value.join(name === "cookie" ? "; " : ", ")
  }
}

const isHeaders = (headers: SessionRequest["headers"]): headers is Pick<Headers, "get"> =>
  typeof headers["get"] === "function"
