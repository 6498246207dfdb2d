/** Checks authorization requests (RFC 6749 section 4.1.1, RFC 7636 section 4.3). */
import { type ClientRegistration, limits } from "../protocol/ClientRegistration.js"
import type { Parameters } from "../protocol/Parameters.js"
import type { Challenge } from "../protocol/Pkce.js"
import { isChallenge } from "../protocol/Pkce.js"
import { Refusal, type RefusalFacts } from "../protocol/Refusal.js"
import type { Settings } from "../protocol/Settings.js"

/** A redirect that is safe to use: a registered URI of a registered client. */
export interface TrustedRedirect {
  readonly client: ClientRegistration
  readonly redirectUri: string
  readonly redirectUriGiven: boolean
  readonly state: string | undefined
}

export interface AuthorizationRequest extends TrustedRedirect {
  readonly scope: string
  readonly challenge: Challenge | undefined
}

const refuse = (field: string, reason: string, facts: Partial<RefusalFacts> = {}): Refusal =>
  new Refusal({
    error: "invalid_request",
    description: "The authorization request is malformed.",
    field,
    reason,
    ...facts,
  })

const loopbackHosts = ["127.0.0.1", "[::1]", "localhost"]

const withoutPort = (uri: string): string | undefined => {
  const url = URL.canParse(uri) ? new URL(uri) : undefined
  const loopback = url?.protocol === "http:" && loopbackHosts.includes(url.hostname)
  if (url === undefined || !loopback) return undefined
  url.port = ""
  return url.href
}

const isLoopbackPath = ({ loopbackPaths = [] }: ClientRegistration, uri: string): boolean => {
  const url = URL.canParse(uri) ? new URL(uri) : undefined
  // The URI is compared as text, so that a user name or another spelling of the host is refused.
  return (
    url !== undefined &&
    loopbackHosts.includes(url.hostname) &&
    loopbackPaths.includes(url.pathname) &&
    uri === `http://${url.host}${url.pathname}`
  )
}

const isRegistered = (client: ClientRegistration, uri: string, settings: Settings): boolean => {
  if (client.redirectUris.includes(uri) || isLoopbackPath(client, uri)) return true
  if (settings.loopbackRedirect === "exact") return false
  const wanted = withoutPort(uri)
  return wanted !== undefined && client.redirectUris.some((registered) => withoutPort(registered) === wanted)
}

/**
 * Checks client and redirect URI. A refusal here must be shown to the user and never redirected,
 * because the redirect URI may not be the client's (RFC 6749 section 4.1.2.1).
 */
export const trustRedirect = (
  settings: Settings,
  { values, repeated }: Parameters,
): TrustedRedirect | Refusal => {
  for (const field of ["client_id", "redirect_uri"]) {
    if (repeated.includes(field))
      return refuse(field, `${field} was sent more than once.`, { expected: "one", got: "several" })
  }
  const clientId = values.get("client_id")
  const client = clientId === undefined ? undefined : settings.clients.get(clientId)
  if (client === undefined) {
    return refuse(
      "client_id",
      clientId === undefined ? "There is no client_id." : "No client with this id is registered.",
      {
        error: clientId === undefined ? "invalid_request" : "unauthorized_client",
        expected: [...settings.clients.keys()].slice(0, 5).join(" or "),
        got: clientId?.slice(0, 100) ?? "nothing",
      },
    )
  }
  const given = values.get("redirect_uri")
  const [only, another] = client.redirectUris
  if (given === undefined && another !== undefined) {
    return refuse("redirect_uri", "There is no redirect_uri, and this client has several registered.", {
      expected: client.redirectUris.join(" or "),
      got: "nothing",
    })
  }
  if (given !== undefined && !isRegistered(client, given, settings)) {
    return refuse("redirect_uri", "redirect_uri is not registered for this client. It must match exactly.", {
      expected: [
        ...client.redirectUris,
        ...(client.loopbackPaths ?? []).map((path) => `http://localhost:<any port>${path}`),
      ].join(" or "),
      got: given.slice(0, 200),
    })
  }
  return {
    client,
    redirectUri: given ?? (only as string),
    redirectUriGiven: given !== undefined,
    state: repeated.includes("state") ? undefined : values.get("state"),
  }
}

const readChallenge = (
  settings: Settings,
  values: ReadonlyMap<string, string>,
): Challenge | undefined | Refusal => {
  const value = values.get("code_challenge")
  const method = values.get("code_challenge_method")
  if (value === undefined) {
    if (method !== undefined) {
      return refuse("code_challenge", "There is a code_challenge_method but no code_challenge.", {
        expected: "both or neither",
      })
    }
    return settings.pkce === "required"
      ? refuse("code_challenge", "This server requires PKCE (RFC 7636 section 4.4.1).", {
          expected: "a challenge",
          got: "nothing",
        })
      : undefined
  }
  if (method !== undefined && method !== "plain" && method !== "S256") {
    return refuse("code_challenge_method", "The transform algorithm is not supported.", {
      description: "The transform algorithm is not supported.",
      expected: "S256 or plain",
      got: method.slice(0, 50),
    })
  }
  // RFC 7636 section 4.3: plain when the method is left out.
  const challenge: Challenge = { method: method ?? "plain", value }
  if (!settings.pkceMethods.includes(challenge.method)) {
    return refuse("code_challenge_method", "This server does not accept this method (option pkceMethods).", {
      description: "The transform algorithm is not supported.",
      expected: settings.pkceMethods.join(" or "),
      got: method ?? "nothing, which means plain",
    })
  }
  if (value.length > limits.code_challenge || !isChallenge(challenge.method, value)) {
    return refuse("code_challenge", "code_challenge is malformed, or longer than the provider can store.", {
      expected:
        challenge.method === "S256"
          ? "43 characters of base64url"
          : `43 to ${limits.code_challenge} unreserved characters (method plain)`,
      got: `${value.length} characters`,
    })
  }
  return challenge
}

const readScope = (settings: Settings, scope: string | undefined): string | Refusal => {
  if (scope === undefined) return settings.scopes[0]
  const unknown = scope.split(" ").find((item) => !settings.scopes.includes(item))
  if (unknown === undefined) return scope
  return refuse("scope", "A scope is unknown.", {
    error: "invalid_scope",
    description: "The scope is unknown or malformed.",
    expected: settings.scopes.join(" or "),
    got: unknown.slice(0, 50),
  })
}

/** Checks the rest of the request; a refusal here is redirected to the client. */
export const readAuthorizationRequest = (
  settings: Settings,
  trusted: TrustedRedirect,
  { values, repeated }: Parameters,
): AuthorizationRequest | Refusal => {
  const [twice] = repeated
  if (twice !== undefined)
    return refuse(twice, "A parameter was sent more than once.", { expected: "one", got: "several" })
  const responseType = values.get("response_type")
  if (responseType !== "code") {
    return refuse("response_type", "response_type must be code.", {
      ...(responseType === undefined
        ? undefined
        : {
            error: "unsupported_response_type",
            description: "The authorization server does not support this response type.",
          }),
      expected: "code",
      got: responseType?.slice(0, 50) ?? "nothing",
    })
  }
  for (const field of ["state", "redirect_uri"] as const) {
    const length = values.get(field)?.length ?? 0
    if (length > limits[field]) {
      return refuse(field, `${field} is longer than the provider can store.`, {
        expected: `at most ${limits[field]} characters`,
        got: `${length} characters`,
      })
    }
  }
  const challenge = readChallenge(settings, values)
  if (challenge instanceof Refusal) return challenge
  const scope = readScope(settings, values.get("scope"))
  if (scope instanceof Refusal) return scope
  return { ...trusted, scope, challenge }
}
