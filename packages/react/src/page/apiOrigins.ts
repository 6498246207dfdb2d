/** The exact origins that may get the token. */
import { ConfigurationError, show } from "@ellipsis-oauth/core/promise"

/** @throws ConfigurationError for anything but a list of origins */
export const requireApiOrigins = (value: unknown): readonly string[] => {
  const refused = Array.isArray(value) ? value.filter((origin) => !isOrigin(origin)) : [value]
  if (refused.length === 0) return value as readonly string[]
  throw new ConfigurationError({
    option: "apiOrigins",
    got: show(refused[0]),
    expected: 'origins such as "https://api.example.com", without a path or a slash at the end, in a list',
  })
}

const isOrigin = (origin: unknown): boolean => {
  try {
    return new URL(String(origin)).origin === origin
  } catch {
    return false
  }
}

/** The base of relative URLs; `undefined` on a server. */
export const baseUrl = (): string | undefined => globalThis.document?.baseURI

/** Whether a URL, absolute or of this page, is at one of the origins. */
export const isAtOneOf =
  (origins: readonly string[]) =>
  (url: string | URL): boolean => {
    try {
      return origins.includes(new URL(url, baseUrl()).origin)
    } catch {
      return false
    }
  }
