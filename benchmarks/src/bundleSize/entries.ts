/** What is measured: each time the hook, the provider, and all that they need to sign a user in. */

interface Entry {
  /** What is shown in place of libraries and versions. */
  readonly name?: string
  /** The packages whose versions are told. */
  readonly libraries: readonly string[]
  readonly source: string
}

/** By the name of the file that size-limit holds to its limit. */
export const own: Readonly<Record<string, Entry>> = {
  browser: {
    name: "**@ellipsis-oauth/react**: `createBrowserTokenClient`",
    libraries: [],
    source: 'export { createBrowserTokenClient, TokenProvider, useToken } from "@ellipsis-oauth/react"',
  },
  backend: {
    name: "**@ellipsis-oauth/react**: `createBackendTokenClient`",
    libraries: [],
    source: 'export { createBackendTokenClient, TokenProvider, useToken } from "@ellipsis-oauth/react"',
  },
}

export const peers: readonly Entry[] = [
  {
    libraries: ["react-oidc-context", "oidc-client-ts"],
    source: 'export { AuthProvider, useAuth } from "react-oidc-context"',
  },
  {
    libraries: ["react-oauth2-code-pkce"],
    source: 'export { AuthContext, AuthProvider } from "react-oauth2-code-pkce"',
  },
  {
    libraries: ["@axa-fr/react-oidc"],
    source: 'export { OidcProvider, useOidc } from "@axa-fr/react-oidc"',
  },
  {
    libraries: ["@auth0/auth0-react"],
    source: 'export { Auth0Provider, useAuth0 } from "@auth0/auth0-react"',
  },
]
