/** Checks which site made the browser send a request, by `Origin` and the `Sec-Fetch-…` headers. */
import { Refusal } from "./AuthProblem.js"
import { type AppAddress, elsewhereError, openedElsewhere } from "./appAddress.js"
import type { ReadHeader } from "./SessionRequest.js"

/**
 * Requires that a request that changes something comes from a page of this app.
 *
 * @throws Refusal
 */
export const requireOwnPage = (header: ReadHeader, settings: AppAddress): void => {
  const { origin } = settings
  const site = header("sec-fetch-site")
  const given = header("origin")
  const isOwn =
    given === null ? site === "same-origin" : given === origin && [null, "same-origin", "none"].includes(site)
  if (isOwn) return
  // The page and the routes have the same origin, but it is not the configured one.
  if (given !== null && given !== "null" && given !== origin && site === "same-origin") {
    throw new Refusal("forbidden", openedElsewhere(settings), { cause: elsewhereError(settings, given) })
  }
  throw new Refusal("forbidden", `This request must come from a page at ${origin}.`)
}

/**
 * Whether a request may use the session of its cookie: not if another site made the browser send it. A link from another
 * site to this app is allowed.
 *
 * @param method `undefined` if it is not known
 */
export const mayActForSession = (header: ReadHeader, origin: string, method: string | undefined): boolean => {
  const site = header("sec-fetch-site")
  const given = header("origin")
  const isSafe = method === undefined || method === "GET" || method === "HEAD"
  if (given !== null && given !== origin) return false
  if (site === "cross-site" || site === "same-site") return isSafe && header("sec-fetch-mode") === "navigate"
  return isSafe || given !== null || site === "same-origin"
}

/** Requires that a person opens the address in a window, not a frame, image, script or prefetch. */
export const requireNavigation = (header: ReadHeader): void => {
  const destination = header("sec-fetch-dest")
  const purpose = `${header("sec-purpose") ?? ""} ${header("purpose") ?? ""} ${header("x-moz") ?? ""}`
  if ((destination !== null && destination !== "document") || purpose.includes("prefetch")) {
    throw new Refusal("forbidden", "Open this address in its own browser window, not in a frame or a script.")
  }
}

/** Whether a person reads the HTTP response, or a program does. */
export const isForPerson = (header: ReadHeader): boolean => {
  const mode = header("sec-fetch-mode")
  return mode === null ? (header("accept") ?? "").includes("text/html") : mode === "navigate"
}
