/** Codes without a browser and the end of tokens, from afar. */

import * as z from "zod"
import type { Authorize } from "../grants/Authorize.js"
import { act, nothing, type Operation } from "./Operation.js"

const redirectUrl = z.string().meta({ description: "Where the browser would be sent." })

const text = z.string().exactOptional()

const request = {
  redirectUri: text.meta({ description: "Leave it out where the authorization request would." }),
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
    "What the next visitor of the authorization endpoint does, with no page",
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
    "The next visitor refuses; or, with a `clientId`, where that refusal would send the browser",
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
    "Every access token expires now, and no clock moves",
    nothing,
    nothing,
    ({ controls }) => controls.expireAccessTokens(),
  ),
} satisfies Record<
  "authorize" | `authorize/${keyof Authorize}` | "revoke" | "revokeFamily" | "expireAccessTokens",
  Operation
>
