/** Who made a browser send a request, as the browser tells it: `Origin` and the `Sec-Fetch-…` headers. */
import { Refusal } from "./AuthProblem.js"

/** Reads one header; `null` where it is missing. */
export type ReadHeader = (name: string) => string | null

/** A request that changes something has to come from a page of this app. */
export const requireOwnPage = (header: ReadHeader, origin: string): void => {
  const site = header("sec-fetch-site")
  const given = header("origin")
  const isOwn =
    given === null ? site === "same-origin" : given === origin && [null, "same-origin", "none"].includes(site)
  if (!isOwn) throw new Refusal("forbidden", "This request has to come from a page of the app itself.")
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
    throw new Refusal(
      "forbidden",
      "Open this address in a window of its own: a login needs a person to see it.",
    )
  }
}

/** Whether a person reads the reply, or a program does. */
export const isForPerson = (header: ReadHeader): boolean => {
  const mode = header("sec-fetch-mode")
  return mode === null ? (header("accept") ?? "").includes("text/html") : mode === "navigate"
}
