/** How a client authenticates at the token endpoint (RFC 6749 §2.3). */
import * as Base64 from "effect/encoding/Base64"
import { requireOneOf, requireString } from "../common/options.js"
import { ConfigurationError } from "../errors/ConfigurationError.js"
import type { AuthorizationServer } from "./AuthorizationServer.js"
import {
  Client,
  type ClientAuthentication,
  type ClientCredentials,
  type ClientOptions,
  makePublicClient,
} from "./Client.js"

/**
 * Makes a checked client, public or confidential.
 *
 * @throws ConfigurationError for a missing id, an empty secret, a bad redirect URI, or a value that is longer than the
 *   server allows
 */
export const makeClient = (server: AuthorizationServer, options: ClientOptions): Client => {
  const publicClient = makePublicClient(server, options)
  const clientSecret =
    "clientSecret" in options
      ? requireString("clientSecret", options.clientSecret, {
          expected: "the client secret from the registration (a public client leaves the option out)",
          secret: true,
          maxLength: server.limits.clientSecret,
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
  const { clientId, redirectUri } = publicClient
  if (authentication === "basic-raw" && clientId.includes(":")) {
    throw new ConfigurationError({
      option: "clientId",
      got: "an id with a colon",
      expected: 'an id without one for "basic-raw" (RFC 7617 §2); use "basic"',
    })
  }
  return clientSecret === undefined
    ? publicClient
    : new Client(clientId, redirectUri, authentication, credentialsOf(authentication, clientId, clientSecret))
}

const credentialsOf = (
  authentication: ClientAuthentication,
  clientId: string,
  clientSecret: string,
): ClientCredentials => {
  switch (authentication) {
    case "basic":
      return basic(formEncode(clientId), formEncode(clientSecret), clientSecret, "basic-raw")
    case "basic-raw":
      return basic(clientId, clientSecret, clientSecret, "basic")
    default:
      return {
        parameters: { client_id: clientId, client_secret: clientSecret },
        headers: {},
        secrets: [clientSecret],
      }
  }
}

const basic = (
  username: string,
  password: string,
  clientSecret: string,
  other: ClientAuthentication,
): ClientCredentials => {
  const encoded = Base64.encode(`${username}:${password}`)
  // `basic` and `basic-raw` encode special characters differently, so the wrong choice fails.
  const differs = /[^\w.*-]/.test(username + password)
  return {
    parameters: {},
    headers: { authorization: `Basic ${encoded}` },
    secrets: [clientSecret, encoded],
    hint: differs
      ? `the client id or secret has special characters, which servers decode in two ways; try clientAuthentication: "${other}" or "body".`
      : undefined,
  }
}

/** One value in `application/x-www-form-urlencoded` (RFC 6749 appendix B). */
export const formEncode = (value: string): string => new URLSearchParams([["", value]]).toString().slice(1)
