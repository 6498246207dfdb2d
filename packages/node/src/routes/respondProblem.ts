/** The HTTP response to a request that was refused: JSON for programs, a page for people. */
import type { Refusal } from "./AuthProblem.js"
import type { AuthRoutesSettings } from "./AuthRoutesOptions.js"
import { errorPage, errorPagePolicy } from "./errorPage.js"
import type { RouteContext } from "./Route.js"
import { isForPerson } from "./requestOrigin.js"
import { respondHtml, respondJson, respondWith } from "./respond.js"
import { headersOf } from "./SessionRequest.js"

export const respondProblem = async (
  refusal: Refusal,
  request: Request,
  { basePath, renderError }: AuthRoutesSettings,
  tell: RouteContext["tell"],
): Promise<Response> => {
  const problem = refusal.toProblem(`${basePath}/login`)
  const { error, description, action, retryAfter } = problem
  const status = error === "login_required" && prefersNoError(request) ? 200 : problem.status
  const { cookies = [], allow } = refusal.details
  const headers = {
    ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
    ...(allow === undefined ? {} : { allow }),
  }
  if (!isForPerson(headersOf(request))) {
    return respondJson(status, { error, error_description: description, action }, headers, cookies)
  }
  try {
    const page = await renderError?.(problem, request)
    if (typeof page === "string") return respondHtml(status, page, appPagePolicy, headers, cookies)
    // Not `instanceof Response`, because Hono and others have their own class.
    if (page !== undefined) return respondWith(page, cookies)
  } catch (fault) {
    tell(fault, request)
  }
  return respondHtml(status, errorPage(problem), errorPagePolicy, headers, cookies)
}

/** Whether a page prefers status 200 to 401 (RFC 7240), because a browser's console shows a 401 as an error. */
const prefersNoError = ({ headers }: Request): boolean =>
  (headers.get("prefer") ?? "").split(",").some((preference) => preference.trim() === "signed-out=200")

/** The app's own error page may use styles, fonts and images of this origin, and no script. */
const appPagePolicy =
  "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
