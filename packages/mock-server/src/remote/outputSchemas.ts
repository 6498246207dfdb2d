/** The named schemas of what goes out: log, families, findings, problems. */
import { count, list, map, type NamedSchemas, object, oneOf, ref, type Schema, text } from "./schema.js"

const time = (description: string): Schema => ({
  type: "number",
  description: `${description} Epoch milliseconds.`,
})

const parameters = (description: string): Schema => map({ type: "string" }, description)

export const outputSchemas: NamedSchemas = {
  LogEntry: object(
    {
      number: count(1, "From 1, without gaps."),
      time: time("By the server's clock."),
      endpoint: oneOf(["authorize", "token", "account", "other"]),
      method: text("`direct` when a test issued a code."),
      path: text("Without the query."),
      status: count(0, "What was sent; 0 when nothing was."),
      retryAfter: text("`Retry-After` of the reply."),
      fault: text("What a fault did to this request."),
      parameters: parameters(
        "Query of an authorization request, body of a token request. Long values are cut.",
      ),
      query: parameters("Query of a request whose parameters belong into the body."),
      clientId: text(),
      clientAuthentication: oneOf(["none", "body", "basic", "body and basic"]),
      grantType: text(),
      familyId: text("Of the token family that the request used or started."),
      decision: oneOf(["granted", "served", "refused", "skipped"]),
      reason: text("In plain words; never a secret."),
      error: text("The OAuth error code."),
      field: text("The parameter or header at fault."),
      expected: text(),
      got: text(),
      accessTokenLeft: count(
        0,
        "At a refresh: milliseconds that the newest access token would still have lived.",
      ),
    },
    ["number", "time", "endpoint", "method", "path", "status", "parameters", "decision", "reason"],
    "One request, and what was decided about it.",
  ),
  AccessTokenNode: object(
    {
      token: text(),
      state: oneOf(["active", "expired", "revoked"]),
      issuedAt: time("When it was issued."),
      expiresAt: time("When it expires."),
    },
    ["token", "state", "issuedAt", "expiresAt"],
  ),
  RefreshTokenNode: object(
    {
      token: text(),
      number: count(1, "1 for the first of the family."),
      state: oneOf(["active", "rotated", "expired", "revoked"]),
      issuedAt: time("When it was issued."),
      uses: count(0, "How often it was used."),
      lastUsedAt: time("When it was last used."),
      rotatedAt: time("When another one replaced it."),
      accessTokens: list(ref("AccessTokenNode"), "Those that came with or from it."),
      children: list(ref("RefreshTokenNode"), "Those that replaced it."),
    },
    ["token", "number", "state", "issuedAt", "uses", "accessTokens", "children"],
  ),
  TokenFamily: object(
    {
      id: text(),
      clientId: text(),
      username: text(),
      scope: text(),
      issuedAt: time("When the code was exchanged."),
      revokedAt: time("When it was revoked."),
      revokedBecause: text(),
      refreshTokens: list(ref("RefreshTokenNode"), "Usually one; several once the oldest are forgotten."),
    },
    ["id", "clientId", "username", "scope", "issuedAt", "refreshTokens"],
    "Everything that descends from one authorization code.",
  ),
  Finding: object(
    {
      rule: text("Such as `reused-state`."),
      entry: count(1, "Number of the log entry."),
      message: text(),
      section: text("What says so, such as `RFC 6749 section 2.3.1`."),
    },
    ["rule", "entry", "message", "section"],
    "What the client did wrong.",
  ),
  Problem: object(
    {
      message: text("In plain words."),
      option: text("The member at fault, such as `clock.advance.by`."),
      takes: text("What it takes."),
    },
    ["message"],
  ),
}
