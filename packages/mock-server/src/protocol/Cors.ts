/** Cross-origin access (the Fetch standard's CORS protocol): which pages may read the server's responses. */
import type { PlainRequest, PlainResponse } from "./Message.js"

/** `"any"` origin, `"none"`, or those that are listed, such as `http://localhost:5173`. */
export type Cors = "any" | "none" | readonly string[]

const exposed = { "access-control-expose-headers": "Date, Retry-After, WWW-Authenticate" } as const

const anyOrigin = { "access-control-allow-origin": "*", ...exposed } as const

/** Headers of every response. The server uses no cookies, so credentials are never allowed. */
export const corsHeaders = (cors: Cors, request: PlainRequest): Readonly<Record<string, string>> => {
  if (cors === "any") return anyOrigin
  if (cors === "none") return {}
  const origin = request.header("origin")
  return origin !== undefined && cors.includes(origin)
    ? { "access-control-allow-origin": origin, vary: "Origin", ...exposed }
    : { vary: "Origin" }
}

/** The response to a preflight request, which a browser sends before a JSON body or an Authorization header. */
export const preflightResponse = (cors: Cors, request: PlainRequest, methods: string): PlainResponse => {
  const allowed = "access-control-allow-origin" in corsHeaders(cors, request)
  return {
    status: 204,
    headers: !allowed
      ? {}
      : {
          "access-control-allow-methods": methods,
          "access-control-allow-headers":
            request.header("access-control-request-headers") ?? "authorization, content-type",
          "access-control-max-age": "600",
          ...(request.header("access-control-request-private-network") === "true"
            ? { "access-control-allow-private-network": "true" }
            : undefined),
        },
    body: "",
  }
}
