/** The client as it is registered with the server, and how it authenticates at the token endpoint (RFC 6749 §2.3). */
import { encodeBase64 } from "../common/base64.js"
import { Concealed, concealed } from "../common/Concealed.js"
import { requireOneOf, requireString, requireUrl, show } from "../common/options.js"
import { ConfigurationError } from "../errors.js"
import type { AuthorizationServer } from "./AuthorizationServer.js"

/**
 * `body`: `client_id` and `client_secret` in the body. `basic`: both form-encoded in an HTTP Basic header, as
 * RFC 6749 §2.3.1 says. `basic-raw`: the same header without that encoding, for servers that do not decode it.
 * `none`: a public client, which sends its `client_id` alone.
 */
export type ClientAuthentication = "body" | "basic" | "basic-raw" | "none"

export interface ClientOptions {
  readonly clientId: string
  /** From the registration of a confidential client; left out for a public one. `undefined`, as from an environment variable that is not set, is an error. */
  readonly clientSecret?: string | undefined
  /** `body` with a secret and `none` without, if left out. */
  readonly clientAuthentication?: ClientAuthentication
  /** Where the user comes back to. May be left out if the registration has exactly one. */
  readonly redirectUri?: string
}

/** A checked client. Prints without its secret. */
export class Client extends Concealed {
  readonly clientId: string
  readonly #clientSecret: string | undefined
  readonly authentication: ClientAuthentication
  readonly redirectUri: string | undefined

  constructor(fields: {
    readonly clientId: string
    readonly clientSecret: string | undefined
    readonly authentication: ClientAuthentication
    readonly redirectUri: string | undefined
  }) {
    super()
    this.clientId = fields.clientId
    this.#clientSecret = fields.clientSecret
    this.authentication = fields.authentication
    this.redirectUri = fields.redirectUri
  }

  get clientSecret(): string | undefined {
    return this.#clientSecret
  }

  toJSON() {
    const clientSecret = this.#clientSecret === undefined ? undefined : concealed
    return {
      clientId: this.clientId,
      clientSecret,
      authentication: this.authentication,
      redirectUri: this.redirectUri,
    }
  }
}

/** @throws ConfigurationError for a missing id, an empty secret, a bad redirect URI, or a limit of the server broken */
export const makeClient = (server: AuthorizationServer, options: ClientOptions): Client => {
  const { limits } = server
  const clientId = requireString("clientId", options.clientId, {
    expected: "the client id from the registration",
    ...maxLength(limits.clientId),
  })
  const clientSecret =
    "clientSecret" in options
      ? requireString("clientSecret", options.clientSecret, {
          expected: "the client secret from the registration (a public client leaves the option out)",
          secret: true,
          ...maxLength(limits.clientSecret),
        })
      : undefined
  const authentication = requireOneOf(
    "clientAuthentication",
    options.clientAuthentication ?? (clientSecret === undefined ? "none" : "body"),
    ["body", "basic", "basic-raw", "none"],
  )
  if (authentication !== "none" && clientSecret === undefined) {
    throw new ConfigurationError({
      option: "clientSecret",
      got: "missing",
      expected: `the client secret, since clientAuthentication is "${authentication}"`,
    })
  }
  if (authentication === "none" && clientSecret !== undefined) {
    throw new ConfigurationError({
      option: "clientAuthentication",
      got: '"none"',
      expected: '"body", "basic" or "basic-raw" where a clientSecret is given',
    })
  }
  if (authentication === "basic-raw" && clientId.includes(":")) {
    throw new ConfigurationError({
      option: "clientId",
      got: "an id with a colon",
      expected: 'an id without one for "basic-raw" (RFC 7617 §2); use "basic"',
    })
  }
  const redirectUri =
    options.redirectUri === undefined ? undefined : requireRedirectUri(server, options.redirectUri)
  return new Client({ clientId, clientSecret, authentication, redirectUri })
}

/** Checks a redirect URI and returns it unchanged: the server compares it letter by letter (provider page). */
export const requireRedirectUri = (server: AuthorizationServer, value: unknown): string => {
  const expected = "an absolute URL without a fragment, exactly as it is registered"
  const url = requireUrl("redirectUri", value, expected)
  if (url.hash !== "" || ["javascript:", "data:", "blob:", "file:"].includes(url.protocol)) {
    throw new ConfigurationError({ option: "redirectUri", got: show(value), expected })
  }
  return requireString("redirectUri", value, { expected, ...maxLength(server.limits.redirectUri) })
}

/** The part of a token request that authenticates the client: body parameters and headers to add. */
export const authenticateClient = (
  client: Client,
): {
  readonly parameters: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
} => {
  const { clientId, clientSecret = "", authentication } = client
  switch (authentication) {
    case "none":
      return { parameters: { client_id: clientId }, headers: {} }
    case "body":
      return { parameters: { client_id: clientId, client_secret: clientSecret }, headers: {} }
    case "basic":
      return basic(formEncode(clientId), formEncode(clientSecret))
    case "basic-raw":
      return basic(clientId, clientSecret)
  }
}

const basic = (username: string, password: string) => ({
  parameters: {},
  headers: { authorization: `Basic ${encodeBase64(`${username}:${password}`)}` },
})

/** One value in `application/x-www-form-urlencoded` (RFC 6749 appendix B). */
export const formEncode = (value: string): string => new URLSearchParams([["", value]]).toString().slice(1)

/** Whether the two ways of Basic differ for this client, so that choosing the wrong one fails. */
export const basicEncodingMatters = ({ clientId, clientSecret = "" }: Client): boolean =>
  formEncode(clientId) !== clientId || formEncode(clientSecret) !== clientSecret

const maxLength = (limit: number | undefined) => (limit === undefined ? {} : { maxLength: limit })
