/** Codes without a browser and the end of tokens, from afar. */

import type { VisitorDecision } from "../grants/Approvals.js"
import type { Authorize, AuthorizeOptions } from "../grants/Authorize.js"
import { act, nothing, type Operation } from "./Operation.js"
import { object, oneOf, text } from "./schema.js"

const redirectUrl = text("Where the browser would be sent.")

const request = {
  clientId: text(),
  redirectUri: text("Leave it out where the authorization request would."),
  scope: text(),
  state: text(),
  codeChallenge: text(),
  codeChallengeMethod: oneOf(["S256", "plain"], "Default, with a challenge: `plain` (RFC 7636 section 4.3)."),
  user: text("Id or name of the user who approves; the first one if left out."),
}

export const grantOperations = {
  authorize: act<AuthorizeOptions>(
    "Authorization",
    "Issues a code, as if the user had approved",
    object(request, ["clientId"]),
    object({ code: text(), redirectUrl }, ["code", "redirectUrl"]),
    ({ controls }, options) => controls.authorize(options),
  ),
  "authorize/next": act<{ decision: VisitorDecision }>(
    "Authorization",
    "What the next visitor of the authorization endpoint does, with no page",
    object(
      {
        decision: {
          anyOf: [oneOf(["approve", "deny"]), object({ user: text("Id or name.") }, ["user"])],
        },
      },
      ["decision"],
    ),
    nothing,
    ({ controls }, { decision }) => controls.authorize.next(decision),
  ),
  "authorize/deny": act<{ clientId?: string }>(
    "Authorization",
    "The next visitor refuses; or, with a `clientId`, where that refusal would send the browser",
    object(request),
    object({ redirectUrl }),
    ({ controls }, { clientId, ...options }) =>
      clientId === undefined && Object.keys(options).length === 0
        ? controls.authorize.deny()
        : controls.authorize.deny({ clientId: clientId ?? "", ...options }),
  ),
  revoke: act<{ token: string }>(
    "Authorization",
    "One access or refresh token is dead from now on; its family lives",
    object({ token: text() }, ["token"]),
    nothing,
    ({ controls }, { token }) => controls.revoke(token),
  ),
  revokeFamily: act<{ idOrToken: string }>(
    "Authorization",
    "Every token of a family is dead from now on",
    object({ idOrToken: text("The id of a family, or any of its tokens.") }, ["idOrToken"]),
    nothing,
    ({ controls }, { idOrToken }) => controls.revokeFamily(idOrToken),
  ),
} satisfies Record<"authorize" | `authorize/${keyof Authorize}` | "revoke" | "revokeFamily", Operation>
