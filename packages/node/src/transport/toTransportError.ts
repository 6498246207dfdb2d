/** Converts the error of a connection, by the codes of Node.js and undici among its causes. */
import { TransportError } from "@ellipsis-oauth/core/promise"

/** The codes of a connection that failed, so the server cannot have seen the request. */
const notSent =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT)$/

/** The codes of a certificate that is not trusted, or that is for another host. */
const certificate =
  /^(ERR_TLS_CERT_ALTNAME_INVALID|CERT_.*|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_.*|HOSTNAME_MISMATCH)$/

/** Errors of HTTP clients may contain the whole request with its secrets, so only the code is used. */
export const toTransportError = (error: unknown): TransportError => {
  const code = findInCauses(error, codeOf)
  const blocked = blockedBy(error, code)
  if (blocked !== undefined) {
    const [detail, hint] = blocked
    return new TransportError({ reason: "blocked", sent: "no", detail, hint })
  }
  return new TransportError({
    reason: "network",
    sent: code !== undefined && notSent.test(code) ? "no" : "maybe",
    detail: code,
  })
}

/** Faults that last until a person changes something, and what to change. */
const blockedBy = (
  error: unknown,
  code: string | undefined,
): readonly [detail: string, hint: string] | undefined => {
  if (code !== undefined && certificate.test(code)) {
    const hint = /UNABLE_TO|SELF_SIGNED|CERT_UNTRUSTED/.test(code)
      ? 'Its certificate authority is not known here. Name it in NODE_EXTRA_CA_CERTS, or set the option "fetch" to a fetch that trusts it.'
      : "Its certificate is not valid for this host or this time. Check the base URL, the server's certificate and this machine's clock."
    return [code, hint]
  }
  if (code !== undefined && /^(ERR_SSL_|EPROTO$)/.test(code)) {
    return [
      code,
      "The port does not speak TLS as expected. Check whether the base URL begins with https: or http:.",
    ]
  }
  if (findInCauses(error, messageOf("bad port")) !== undefined) {
    return ["bad port", "fetch refuses this port for security. Use another one in the base URL."]
  }
  const proxy = findInCauses(error, proxyStatusOf)
  if (proxy !== undefined) {
    const hint =
      proxy === "407"
        ? "The proxy asks for a user name and a password. Add them to its URL."
        : "The proxy does not allow this connection."
    return [`HTTP ${proxy} from the proxy`, hint]
  }
  return undefined
}

const findInCauses = (
  error: unknown,
  find: (error: object) => string | undefined,
  depth = 0,
): string | undefined => {
  if (typeof error !== "object" || error === null || depth > 5) return undefined
  return find(error) ?? ("cause" in error ? findInCauses(error.cause, find, depth + 1) : undefined)
}

const codeOf = (error: object): string | undefined =>
  "code" in error && typeof error.code === "string" && /^[A-Z][A-Z0-9_]{2,60}$/.test(error.code)
    ? error.code
    : undefined

const messageOf =
  (expected: string) =>
  (error: object): string | undefined =>
    error instanceof Error && error.message === expected ? expected : undefined

/** The HTTP status in undici's error messages for a proxy that refuses a connection or requires a password. */
const proxyStatusOf = (error: object): string | undefined =>
  error instanceof Error
    ? /^Proxy (?:response|Authentication Required) \((4\d\d)\)/.exec(error.message)?.[1]
    : undefined
