/** The client as it is registered with the server (RFC 6749 §2). */
import { Concealed, concealed } from "../common/Concealed.js"
import { requireString, requireUrl, show, showUrl } from "../common/options.js"
import { ConfigurationError } from "../errors/ConfigurationError.js"
import type { AuthorizationServer } from "./AuthorizationServer.js"

/**
 * `body`: `client_id` and `client_secret` in the body. `basic`: both form-encoded in an HTTP Basic header, as
 * RFC 6749 §2.3.1 says. `basic-raw`: the same header without that encoding, for servers that do not decode it.
 * `none`: a public client, which sends its `client_id` alone.
 */
export type ClientAuthentication = "body" | "basic" | "basic-raw" | "none"

/** The app's registration with the server (RFC 6749 section 2). */
export interface ClientOptions {
  /** From the app's registration. */
  readonly clientId: string
  /** The secret of a confidential client. A public client leaves it out. `undefined` is an error, for example from an environment variable that is not set. */
  readonly clientSecret?: string | undefined
  /** `body` with a secret and `none` without, if left out. */
  readonly clientAuthentication?: ClientAuthentication | undefined
  /** The URL that the user comes back to. It may be left out if the registration has exactly one. */
  readonly redirectUri?: string | undefined
}

/** What authenticates a client: parameters of the body and headers to add to a token request. */
export interface ClientCredentials {
  readonly parameters: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  /** The secret values among them. */
  readonly secrets: readonly string[]
  /** A likely cause if the server refuses them. */
  readonly hint?: string | undefined
}

/** A checked client. Prints without its credentials. */
export class Client extends Concealed {
  readonly clientId: string
  readonly authentication: ClientAuthentication
  readonly redirectUri: string | undefined
  readonly #credentials: ClientCredentials

  constructor(
    clientId: string,
    redirectUri: string | undefined,
    authentication: ClientAuthentication,
    credentials: ClientCredentials,
  ) {
    super()
    this.clientId = clientId
    this.redirectUri = redirectUri
    this.authentication = authentication
    this.#credentials = credentials
  }

  get credentials(): ClientCredentials {
    return this.#credentials
  }

  toJSON() {
    return { ...this.shown(), credentials: concealed }
  }
}

/**
 * A client without a secret: its id alone.
 *
 * @throws ConfigurationError for a missing id, a bad redirect URI, or a value that is longer than the server allows
 */
export const makePublicClient = (
  server: AuthorizationServer,
  { clientId, redirectUri }: Pick<ClientOptions, "clientId" | "redirectUri">,
): Client => {
  const id = requireString("clientId", clientId, {
    expected: "the client id from the registration",
    maxLength: server.limits.clientId,
    // Not shown in errors: a developer may confuse the two and pass the secret here.
    secret: true,
  })
  return new Client(
    id,
    redirectUri === undefined ? undefined : requireRedirectUri(server, redirectUri),
    "none",
    { parameters: { client_id: id }, headers: {}, secrets: [] },
  )
}

/** Checks a redirect URI and returns it unchanged: the server compares it letter by letter (provider page). */
export const requireRedirectUri = (server: AuthorizationServer, value: unknown): string => {
  const expected = "an absolute URL without a fragment, exactly as it is registered"
  if (typeof value === "string" && /^[\w.-]{1,253}:\d{1,5}(?:[/?]|$)/.test(value)) {
    throw new ConfigurationError({
      option: "redirectUri",
      got: show(value),
      expected: `${expected}: ${show(`http://${value}`)}`,
    })
  }
  const url = requireUrl("redirectUri", value, expected)
  if (url.hash !== "" || ["javascript:", "data:", "blob:", "file:"].includes(url.protocol)) {
    throw new ConfigurationError({ option: "redirectUri", got: showUrl(value), expected })
  }
  return requireString("redirectUri", value, { expected, maxLength: server.limits.redirectUri })
}
