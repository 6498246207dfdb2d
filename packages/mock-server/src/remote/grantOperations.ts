/** Remote control of grants: issuing codes without a browser, revoking and expiring tokens. */

import * as z from "zod"
import type { Authorize } from "../grants/Authorize.js"
import { act, nothing, type Operation } from "./Operation.js"

const redirectUrl = z.string().meta({ description: "The URL that the browser would be sent to." })

const text = z.string().exactOptional()

const request = {
  redirectUri: text.meta({
    description: "If it is left out, the token request must have no redirect URI either.",
  }),
  scope: text,
  state: text,
  codeChallenge: text,
  codeChallengeMethod: z
    .enum(["S256", "plain"])
    .exactOptional()
    .meta({ description: "Default, with a challenge: `plain` (RFC 7636 section 4.3)." }),
  user: text.meta({ description: "Id or name of the user who approves; the first one if left out." }),
}

export const grantOperations = {
  authorize: act(
    "Authorization",
    "Issues a code, as if the user had approved",
    z.strictObject({ clientId: z.string(), ...request }),
    z.strictObject({ code: z.string(), redirectUrl }),
    ({ controls }, options) => controls.authorize(options),
  ),
  "authorize/next": act(
    "Authorization",
    "Plans the decision of the next user who visits the authorization endpoint, without a page",
    z.strictObject({
      decision: z.union(
        [
          z.enum(["approve", "deny"]),
          z.strictObject({ user: z.string().meta({ description: "Id or name." }) }),
        ],
        { error: '"approve", "deny" or { user }' },
      ),
    }),
    nothing,
    ({ controls }, { decision }) => controls.authorize.next(decision),
  ),
  "authorize/deny": act(
    "Authorization",
    "Lets the next user refuse; with a `clientId`, responds with the redirect of a refusal instead",
    z.strictObject({ clientId: text, ...request }),
    z.strictObject({ redirectUrl: redirectUrl.optional() }),
    ({ controls }, { clientId, ...options }) =>
      clientId === undefined && Object.keys(options).length === 0
        ? controls.authorize.deny()
        : controls.authorize.deny({ clientId: clientId ?? "", ...options }),
  ),
  revoke: act(
    "Authorization",
    "Revokes one access or refresh token; the rest of its family stays valid",
    z.strictObject({ token: z.string() }),
    nothing,
    ({ controls }, { token }) => controls.revoke(token),
  ),
  revokeFamily: act(
    "Authorization",
    "Revokes every token of a family",
    z.strictObject({
      idOrToken: z.string().meta({ description: "The id of a family, or any of its tokens." }),
    }),
    nothing,
    ({ controls }, { idOrToken }) => controls.revokeFamily(idOrToken),
  ),
  expireAccessTokens: act(
    "Authorization",
    "Expires every access token now, without moving the clock",
    nothing,
    nothing,
    ({ controls }) => controls.expireAccessTokens(),
  ),
} satisfies Record<
  "authorize" | `authorize/${keyof Authorize}` | "revoke" | "revokeFamily" | "expireAccessTokens",
  Operation
>
