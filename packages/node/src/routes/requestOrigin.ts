/** Who made a browser send a request, as the browser tells it: `Origin` and the `Sec-Fetch-…` headers. */
import { Refusal } from "./AuthProblem.js"
import { type AppAddress, elsewhereError, openedElsewhere } from "./appAddress.js"
import type { ReadHeader } from "./SessionRequest.js"

/**
 * A request that changes something has to come from a page of this app.
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
  // The browser says that the page and the routes have the same address, and it is not the configured one.
  if (given !== null && given !== "null" && given !== origin && site === "same-origin") {
    throw new Refusal("forbidden", openedElsewhere(settings), { cause: elsewhereError(settings, given) })
  }
  throw new Refusal("forbidden", `This request must come from a page at ${origin}.`)
}

/**
 * Whether a request may act for the session whose cookie it carries: not if another site made the browser send it.
 * Following a link to this app from elsewhere is fine.
 *
 * @param method `undefined` where it is not known
 */
export const mayActForSession = (header: ReadHeader, origin: string, method: string | undefined): boolean => {
  const site = header("sec-fetch-site")
  const given = header("origin")
  const isSafe = method === undefined || method === "GET" || method === "HEAD"
  if (given !== null && given !== origin) return false
  if (site === "cross-site" || site === "same-site") return isSafe && header("sec-fetch-mode") === "navigate"
  return isSafe || given !== null || site === "same-origin"
}

/** A login is something that a person does in a window: no frame, image, script or prefetch starts or ends one. */
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
