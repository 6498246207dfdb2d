import { createTokenClient } from "@ellipsis-oauth/node"
import { Agent, ProxyAgent, fetch as undiciFetch } from "undici"

/** Through a proxy. */
const proxy = new ProxyAgent("http://proxy.example.com:3128")

export const behindProxy = createTokenClient({
  clientId: "your-client-id",
  fetch: (url, init) => undiciFetch(url, { ...init, dispatcher: proxy }),
})

/** With a certificate authority of your own. */
export const withCertificateAuthority = (ca: string) => {
  const agent = new Agent({ connect: { ca } })
  return createTokenClient({
    clientId: "your-client-id",
    fetch: (url, init) => undiciFetch(url, { ...init, dispatcher: agent }),
  })
}
