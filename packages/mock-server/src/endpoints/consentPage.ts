/** The two pages of the authorization endpoint: the consent page and the error page. */

import type { AuthorizationRequest } from "../grants/AuthorizationRequest.js"
import type { PlainResponse } from "../protocol/Message.js"
import type { Refusal } from "../protocol/Refusal.js"
import type { User } from "../protocol/Settings.js"
import { escapeHtml, htmlResponse } from "./htmlResponse.js"

const hidden = ([name, value]: readonly [string, string]): string =>
  `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`

const chooseUser = (users: readonly [User, ...User[]]): string => {
  const [first, ...rest] = users
  if (rest.length === 0) return `<p>Signed in as <strong>${escapeHtml(first.username)}</strong>.</p>`
  const choice = (user: User) =>
    `<label><input type="radio" name="user" value="${escapeHtml(user.id)}"${user === first ? " checked" : ""}>${escapeHtml(user.username)}</label>`
  return `<fieldset><legend>Sign in as</legend>${users.map(choice).join("")}</fieldset>`
}

/** The form contains the whole request and is checked like a new request, so the server keeps no state in between. */
export const consentPage = (
  request: AuthorizationRequest,
  parameters: ReadonlyMap<string, string>,
  users: readonly [User, ...User[]],
): PlainResponse => {
  const name = request.client.name ?? request.client.clientId
  const title = `${name} asks for access`
  return htmlResponse(
    200,
    title,
    `<h1>${escapeHtml(title)}</h1>
<dl>
<dt>It asks for access to</dt><dd>${request.scope.split(" ").map(escapeHtml).join(", ")}</dd>
<dt>You will be sent back to</dt><dd>${escapeHtml(request.redirectUri)}</dd>
</dl>
<form method="post">
${[...parameters]
  .filter(([field]) => field !== "user" && field !== "decision")
  .map(hidden)
  .join("\n")}
${chooseUser(users)}
<div class="choices">
<button class="main" name="decision" value="approve">Approve</button>
<button name="decision" value="deny">Deny</button>
</div>
</form>
<p class="note">This is a mock server for tests. It has no real accounts.</p>`,
  )
}

/** Shown instead of a redirect when the redirect URI is not known to be the client's (RFC 6749 section 4.1.2.1). */
export const errorPage = (refusal: Refusal): PlainResponse => {
  const fact = (name: string, value: string | undefined) =>
    value === undefined ? "" : `<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`
  return htmlResponse(
    refusal.status,
    "This sign-in link does not work",
    `<h1>This sign-in link does not work</h1>
<p>${escapeHtml(refusal.reason)}</p>
<dl>${fact("Parameter", refusal.field)}${fact("Expected", refusal.expected)}${fact("Got", refusal.got)}</dl>
<p class="note">You were not sent back to the app, because the link does not name a registered client and redirect URI. This is a mock server for tests.</p>`,
  )
}
