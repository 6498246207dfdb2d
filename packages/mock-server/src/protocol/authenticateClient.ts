/** Client authentication at the token endpoint (RFC 6749 section 2.3): secret in the body, Basic header, or a public client. */

import { type ClientRegistration, limits } from "./ClientRegistration.js"
import { describeScheme } from "./describeScheme.js"
import { decodeFormComponent } from "./Parameters.js"
import { malformed, Refusal } from "./Refusal.js"
import type { Settings } from "./Settings.js"

export interface Credentials {
  readonly clientId: string
  readonly clientSecret: string | undefined
  readonly method: "none" | "body" | "basic"
  /** User name and password before form-decoding, to explain a mismatch. */
  readonly raw?: { readonly clientId: string; readonly clientSecret: string } | undefined
}

const challenge = { "www-authenticate": 'Basic realm="ellipsis-drive-mock", charset="UTF-8"' }

const unauthenticated = (
  reason: string,
  facts: { field?: string; expected?: string; got?: string } = {},
): Refusal =>
  new Refusal({
    error: "invalid_client",
    description: "Client authentication failed.",
    reason,
    status: 401,
    headers: challenge,
    ...facts,
  })

const decodeBase64 = (text: string): string | undefined => {
  try {
    const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

const readBasic = (header: string, decoding: Settings["basicDecoding"]): Credentials | Refusal => {
  const token = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header.trim())?.[1]
  const pair = token === undefined ? undefined : decodeBase64(token)
  const colon = pair === undefined ? -1 : pair.indexOf(":")
  if (pair === undefined || colon < 0) {
    return unauthenticated("The Authorization header is not a Basic header (RFC 7617 section 2).", {
      field: "Authorization",
      expected: "Basic base64(client_id:client_secret)",
      got: describeScheme(header),
    })
  }
  const raw = { clientId: pair.slice(0, colon), clientSecret: pair.slice(colon + 1) }
  if (decoding === "raw")
    return { clientId: raw.clientId, clientSecret: raw.clientSecret || undefined, method: "basic" }
  const clientId = decodeFormComponent(raw.clientId)
  const clientSecret = decodeFormComponent(raw.clientSecret)
  if (clientId === undefined || clientSecret === undefined) {
    return unauthenticated(
      "User name and password of the Basic header are not form-encoded (RFC 6749 section 2.3.1): a percent sign must be sent as %25.",
      {
        field: "Authorization",
        expected: "form-encoded user name and password",
        got: "broken percent-encoding",
      },
    )
  }
  return { clientId, clientSecret: clientSecret || undefined, method: "basic", raw }
}

/** Reads credentials from header or body; both at once are refused (RFC 6749 section 2.3). */
export const readCredentials = (
  header: string | undefined,
  parameters: ReadonlyMap<string, string>,
  decoding: Settings["basicDecoding"],
): Credentials | Refusal => {
  const bodyId = parameters.get("client_id")
  const bodySecret = parameters.get("client_secret")
  if (header === undefined) {
    if (bodyId === undefined) {
      return malformed(
        "The request does not identify the client: it has no client_id in the body and no Basic header.",
        {
          field: "client_id",
          expected: "the client id",
          got: "nothing",
        },
      )
    }
    return { clientId: bodyId, clientSecret: bodySecret, method: bodySecret === undefined ? "none" : "body" }
  }
  if (bodySecret !== undefined) {
    return malformed(
      "The client authenticates twice: with a Basic header and with client_secret in the body (RFC 6749 section 2.3).",
      {
        field: "client_secret",
        expected: "one way of client authentication",
        got: "two",
      },
    )
  }
  const credentials = readBasic(header, decoding)
  if (!(credentials instanceof Refusal) && bodyId !== undefined && bodyId !== credentials.clientId) {
    return malformed("client_id in the body and the user name of the Basic header are different clients.", {
      field: "client_id",
      expected: credentials.clientId,
      got: bodyId,
    })
  }
  return credentials
}

const explain = (client: ClientRegistration, { clientSecret, raw }: Credentials): string => {
  if (raw !== undefined && raw.clientSecret === client.clientSecret) {
    return "The secret of the Basic header is correct but not form-encoded (RFC 6749 section 2.3.1), so decoding changes it."
  }
  if (clientSecret !== undefined && decodeFormComponent(clientSecret) === client.clientSecret) {
    return "The secret is correct but was form-encoded twice, or should not be form-encoded."
  }
  return "The client secret is wrong."
}

/** The registered client, if the credentials are valid. */
export const authenticateClient = (
  settings: Settings,
  credentials: Credentials,
): ClientRegistration | Refusal => {
  const { clientId, clientSecret, method } = credentials
  for (const [field, value] of [
    ["client_id", clientId],
    ["client_secret", clientSecret ?? ""],
  ] as const) {
    if (value.length > limits[field]) {
      return malformed(`${field} is longer than the provider can store.`, {
        field,
        expected: `at most ${limits[field]} characters`,
        got: `${value.length} characters`,
      })
    }
  }
  const client = settings.clients.get(clientId)
  if (client === undefined) {
    const unencoded = credentials.raw !== undefined && settings.clients.has(credentials.raw.clientId)
    return unauthenticated(
      unencoded
        ? "The client id of the Basic header is correct but not form-encoded (RFC 6749 section 2.3.1)."
        : "No client with this id is registered.",
      { field: "client_id", expected: [...settings.clients.keys()].slice(0, 5).join(" or "), got: clientId },
    )
  }
  if (settings.clientSecrets === "ignore") return client
  if (client.clientSecret === undefined) {
    if (clientSecret !== undefined) {
      return unauthenticated("A public client has no secret, but one was sent.", {
        field: "client_secret",
        expected: "no secret",
        got: "a secret",
      })
    }
    if (settings.publicClients === "refuse") {
      return unauthenticated(
        'This server refuses public clients at its token endpoint (publicClients: "refuse").',
        {
          field: "client_secret",
          expected: "a confidential client",
          got: "a public client",
        },
      )
    }
    return client
  }
  const place = settings.clientAuthentication
  if (place !== "any" && method !== "none" && method !== place) {
    return unauthenticated(
      `This server does not accept the client secret there (option clientAuthentication: "${place}").`,
      {
        field: method === "basic" ? "Authorization" : "client_secret",
        expected: place === "body" ? "client_secret in the body" : "a Basic header",
        got: method === "basic" ? "a Basic header" : "client_secret in the body",
      },
    )
  }
  if (clientSecret === client.clientSecret) return client
  return clientSecret === undefined
    ? unauthenticated("This client has a secret, but none was sent.", {
        field: method === "basic" ? "Authorization" : "client_secret",
        expected: "the client secret",
        got: "nothing",
      })
    : unauthenticated(explain(client, credentials), {
        field: method === "basic" ? "Authorization" : "client_secret",
        expected: `the client secret (${client.clientSecret.length} characters)`,
        got: `another one (${clientSecret.length} characters)`,
      })
}
