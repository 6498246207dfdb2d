/** Cross-origin access, so that a page of any origin can be tested against the server. */
import type { PlainReply, PlainRequest } from "./message.js"

/** On every reply. Nothing here depends on cookies, so any origin can read it. */
export const corsHeaders = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "Date, Retry-After, WWW-Authenticate",
} as const

/** A browser asks before it sends a JSON body or an Authorization header. */
export const preflightReply = (request: PlainRequest, methods: string): PlainReply => ({
  status: 204,
  headers: {
    "access-control-allow-methods": methods,
    "access-control-allow-headers":
      request.header("access-control-request-headers") ?? "authorization, content-type",
    "access-control-max-age": "600",
    ...(request.header("access-control-request-private-network") === "true"
      ? { "access-control-allow-private-network": "true" }
      : undefined),
  },
  body: "",
})
