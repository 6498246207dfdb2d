/** The error page for the user. It contains only fixed texts and the path of the login, never text of a request. */
import { createHash } from "node:crypto"
import type { AuthProblem, AuthProblemCode } from "./AuthProblem.js"

const style =
  "body{font:1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto 0;padding:0 1rem;color-scheme:light dark}"

/** No script, and no other style. */
export const errorPagePolicy = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`

const headings: Record<AuthProblemCode, string> = {
  invalid_request: "This link does not work",
  login_failed: "The login failed",
  access_denied: "Access was refused",
  login_required: "You are not logged in",
  forbidden: "Request refused",
  not_found: "Page not found",
  method_not_allowed: "Request refused",
  headers_too_large: "Too many cookies",
  temporarily_unavailable: "Please try again in a moment",
  server_error: "Server error",
}

export const errorPage = ({ status, error, description, action, loginUrl }: AuthProblem): string => {
  const heading = headings[error]
  const link = action === "fix" ? "" : `\n<p><a href="${escapeHtml(loginUrl)}">Log in</a></p>`
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${heading}</title>
<style>${style}</style>
<h1>${heading}</h1>
<p>${escapeHtml(description)}</p>${link}
<p><small>HTTP ${status}</small></p>
</html>
`
}

const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
