/** Checks the origins that may get a token. */
import { badOption, ConfigurationError, isLoopback, show } from "@ellipsis-oauth/core/promise"

/**
 * @param insecure the origin of the token endpoint, which may be plain `http:`
 * @throws ConfigurationError for a value that is not an absolute URL, or neither https: nor loopback
 */
export const requireApiOrigin = (option: string, value: unknown, insecure: string | undefined): string => {
  const text = value instanceof URL ? value.href : value
  const url = typeof text === "string" && URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || url.username !== "" || url.password !== "") {
    throw badOption(option, value, "an absolute https: URL without a password")
  }
  const { protocol, hostname, origin } = url
  if (protocol === "https:" || (protocol === "http:" && (isLoopback(hostname) || origin === insecure))) {
    return origin
  }
  // RFC 6750 §5.3
  const expected =
    "an https: URL, since others on the network could read the token (http: only on a loopback address)"
  throw new ConfigurationError({ option, got: show(origin), expected })
}

/** @throws ConfigurationError */
export const requireApiOrigins = (option: string, values: unknown, insecure: string | undefined) => {
  if (!Array.isArray(values)) {
    throw badOption(option, values, "an array of origins")
  }
  return values.map((value, index) => requireApiOrigin(`${option}[${index}]`, value, insecure))
}
