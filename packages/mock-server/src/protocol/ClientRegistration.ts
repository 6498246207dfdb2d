/** The clients that are registered with the server. */
import { checkNames, OptionError } from "../common/OptionError.js"

/** A registered app (RFC 6749 section 2). */
export interface ClientRegistration {
  /** 1 to 50 characters. */
  readonly clientId: string
  /** 1 to 100 characters; a client without one is public (RFC 6749 section 2.1). */
  readonly clientSecret?: string
  /** Absolute URIs without a fragment, at most 100 characters each; compared as strings. */
  readonly redirectUris: readonly string[]
  /**
   * Paths such as `/callback` that are redirect URIs as well, on any port of `localhost`, `127.0.0.1` and `[::1]`,
   * with plain HTTP and without a query.
   */
  readonly loopbackPaths?: readonly string[]
  /** Name on the consent page; the client id if left out. */
  readonly name?: string
}

/** The provider's maximum lengths, in characters. */
export const limits = {
  client_id: 50,
  client_secret: 100,
  state: 50,
  redirect_uri: 100,
  code_challenge: 50,
  refresh_token: 256,
} as const

/** One confidential and one public client, so that the server can be used without registering a client. */
export const defaultClients: readonly ClientRegistration[] = [
  {
    clientId: "demo-app",
    clientSecret: "demo-secret",
    redirectUris: ["http://localhost:3000/callback"],
    loopbackPaths: ["/callback", "/auth/callback"],
    name: "Demo app",
  },
  {
    clientId: "demo-spa",
    redirectUris: ["http://localhost:3000/callback"],
    loopbackPaths: ["/callback", "/auth/callback"],
    name: "Demo single-page app",
  },
]

const checkText = (path: string, value: unknown, longest: number): string => {
  if (typeof value === "string" && value.length > 0 && value.length <= longest) return value
  throw new OptionError(path, value, `a string of 1 to ${longest} characters`)
}

const checkSecret = (path: string, value: unknown): string => {
  if (typeof value === "string" && value.length > 0 && value.length <= limits.client_secret) return value
  // The value may be or contain a secret.
  const got = typeof value === "string" ? `${value.length} characters` : `a value of type ${typeof value}`
  throw new OptionError(path, got, `a string of 1 to ${limits.client_secret} characters`)
}

const checkRedirectUri = (path: string, value: unknown): string => {
  const uri = checkText(path, value, limits.redirect_uri)
  if (!URL.canParse(uri) || uri.includes("#")) {
    throw new OptionError(path, value, "an absolute URI without a fragment (RFC 6749 section 3.1.2)")
  }
  return uri
}

const checkLoopbackPath = (path: string, value: unknown): string => {
  const text = checkText(path, value, limits.redirect_uri)
  if (/^\/[^?#\s]*$/.test(text)) return text
  throw new OptionError(path, value, 'a path such as "/callback"')
}

const checkClient = (path: string, value: unknown): ClientRegistration => {
  if (typeof value !== "object" || value === null) {
    throw new OptionError(path, value, "{ clientId, clientSecret?, redirectUris, loopbackPaths?, name? }")
  }
  checkNames(path, value, ["clientId", "clientSecret", "redirectUris", "loopbackPaths", "name"])
  const { clientId, clientSecret, redirectUris, loopbackPaths, name } = value as Record<string, unknown>
  if (!Array.isArray(redirectUris) || redirectUris.length === 0) {
    throw new OptionError(`${path}.redirectUris`, redirectUris, "an array of at least one redirect URI")
  }
  if (loopbackPaths !== undefined && !Array.isArray(loopbackPaths)) {
    throw new OptionError(`${path}.loopbackPaths`, loopbackPaths, 'an array of paths such as "/callback"')
  }
  return {
    clientId: checkText(`${path}.clientId`, clientId, limits.client_id),
    redirectUris: redirectUris.map((uri, index) => checkRedirectUri(`${path}.redirectUris[${index}]`, uri)),
    ...(clientSecret === undefined
      ? undefined
      : { clientSecret: checkSecret(`${path}.clientSecret`, clientSecret) }),
    ...(loopbackPaths === undefined
      ? undefined
      : {
          loopbackPaths: loopbackPaths.map((item, index) =>
            checkLoopbackPath(`${path}.loopbackPaths[${index}]`, item),
          ),
        }),
    ...(name === undefined ? undefined : { name: checkText(`${path}.name`, name, 100) }),
  }
}

/** The registrations by client id; fails with an `OptionError`. */
export const registerClients = (value: unknown): ReadonlyMap<string, ClientRegistration> => {
  if (!Array.isArray(value) || value.length === 0) {
    throw new OptionError("clients", value, "an array of at least one client")
  }
  const clients = new Map<string, ClientRegistration>()
  for (const [index, item] of value.entries()) {
    const client = checkClient(`clients[${index}]`, item)
    if (clients.has(client.clientId)) {
      throw new OptionError(`clients[${index}].clientId`, client.clientId, "an id that no other client has")
    }
    clients.set(client.clientId, client)
  }
  return clients
}
