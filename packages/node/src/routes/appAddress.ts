/** Compares the configured address of the app with the one that a browser uses. */
import { ConfigurationError } from "@ellipsis-oauth/core/promise"
import type { AuthRoutesSettings } from "./AuthRoutesOptions.js"
import type { ReadHeader } from "./SessionRequest.js"

export type AppAddress = Pick<AuthRoutesSettings, "origin" | "basePath">

/**
 * The origin that the browser seems to use, if it is not the configured one. For example, cookies of `127.0.0.1` are not
 * sent to `localhost`. It is used only to explain a failed login, since a proxy may change `Host`.
 */
export const readOtherOrigin = (
  header: ReadHeader,
  requestUrl: string,
  { origin }: AppAddress,
): string | undefined => {
  const url = new URL(requestUrl)
  const host = first(header("x-forwarded-host")) ?? header("host") ?? url.host
  const forwarded = first(header("x-forwarded-proto"))
  // Browsers send Sec-Fetch-… only over HTTPS and to this machine. Without that header and without a proxy's header, the
  // browser uses the protocol of the connection.
  const isPlain =
    forwarded === undefined
      ? url.protocol === "http:" && header("sec-fetch-site") === null
      : forwarded.toLowerCase() === "http"
  const seen = `${isPlain ? "http:" : new URL(origin).protocol}//${host}`
  const other = isOrigin.test(seen) && URL.canParse(seen) ? new URL(seen).origin : origin
  return other === origin ? undefined : other
}

const first = (list: string | null): string | undefined => list?.split(",", 1)[0]?.trim()

export const openedElsewhere = ({ origin }: AppAddress): string =>
  `This app was opened at another address than ${origin}. Open ${origin}, then log in again.`

/** @param other the origin at which the app was opened */
export const elsewhereError = ({ origin, basePath }: AppAddress, other: string): ConfigurationError =>
  new ConfigurationError({
    option: "redirectUri",
    got: JSON.stringify(`${origin}${basePath}/callback`),
    expected: `a URL at the address where the app is opened (${isOrigin.test(other) ? other : "another origin"}); a browser does not send the cookies of one address to another`,
  })

const isOrigin = /^https?:\/\/[\w.:[\]-]{1,255}$/
