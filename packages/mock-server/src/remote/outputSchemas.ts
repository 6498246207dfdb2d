/** Schemas of the output: log, families, findings, problems. */
import * as z from "zod"

const text = (description: string) => z.string().meta({ description })

const count = (minimum: number, description: string) => z.int().min(minimum).meta({ description })

const time = (description: string) => z.number().meta({ description: `${description} Epoch milliseconds.` })

const parameters = (description: string) => z.record(z.string(), z.string()).meta({ description })

export const logEntry = z
  .strictObject({
    number: count(1, "From 1, without gaps."),
    time: time("By the server's clock."),
    endpoint: z.enum(["authorize", "token", "account", "path", "other"]),
    method: text("`direct` when a test issued a code."),
    path: text("Without the query."),
    status: count(0, "The HTTP status that was sent; 0 if no response was sent."),
    retryAfter: text("`Retry-After` of the response.").optional(),
    fault: text("What a fault did to this request.").optional(),
    parameters: parameters(
      "Query of an authorization or map request, body of a token request. Long values are cut.",
    ),
    query: parameters("Query of a request whose parameters belong in the body.").optional(),
    clientId: z.string().optional(),
    clientAuthentication: z.enum(["none", "body", "basic", "body and basic"]).optional(),
    grantType: z.string().optional(),
    familyId: text("Of the token family that the request used or started.").optional(),
    decision: z.enum(["granted", "served", "refused", "skipped"]),
    reason: text("In plain words; never a secret."),
    error: text("The OAuth error code.").optional(),
    field: text("The parameter or header at fault.").optional(),
    expected: z.string().optional(),
    got: z.string().optional(),
    accessTokenLeft: count(
      0,
      "At a refresh: how long the newest access token was still valid, in milliseconds.",
    ).optional(),
  })
  .meta({ id: "LogEntry", description: "One request, with the decision and its reason." })

const accessTokenNode = z
  .strictObject({
    token: z.string(),
    state: z.enum(["active", "expired", "revoked"]),
    issuedAt: time("When it was issued."),
    expiresAt: time("When it expires."),
  })
  .meta({ id: "AccessTokenNode" })

const refreshTokenNode = z
  .strictObject({
    token: z.string(),
    number: count(1, "1 for the first of the family."),
    state: z.enum(["active", "rotated", "expired", "revoked"]),
    issuedAt: time("When it was issued."),
    uses: count(0, "How often it was used."),
    lastUsedAt: time("When it was last used.").optional(),
    rotatedAt: time("When another one replaced it.").optional(),
    accessTokens: z
      .array(accessTokenNode)
      .meta({ description: "Access tokens that were issued with it or by a refresh with it." }),
    get children() {
      return z.array(refreshTokenNode).meta({ description: "Refresh tokens that replaced it." })
    },
  })
  .meta({ id: "RefreshTokenNode" })

export const tokenFamily = z
  .strictObject({
    id: z.string(),
    clientId: z.string(),
    username: z.string(),
    scope: z.string(),
    issuedAt: time("When the code was exchanged."),
    revokedAt: time("When it was revoked.").optional(),
    revokedBecause: z.string().optional(),
    refreshTokens: z
      .array(refreshTokenNode)
      .meta({ description: "Usually one; several once the oldest are deleted." }),
  })
  .meta({ id: "TokenFamily", description: "Everything that descends from one authorization code." })

export const finding = z
  .strictObject({
    rule: text("Such as `reused-state`."),
    severity: z.enum(["error", "hint"]),
    entry: count(1, "Number of the log entry."),
    message: z.string(),
    section: text("The section of the specification, such as `RFC 6749 section 2.3.1`."),
  })
  .meta({ id: "Finding", description: "A mistake of the client, found in the log." })

export const problem = z
  .strictObject({
    message: text("In plain words."),
    option: text("The member at fault, such as `clock.advance.by`.").optional(),
    takes: text("The values that it accepts.").optional(),
  })
  .meta({ id: "Problem" })
