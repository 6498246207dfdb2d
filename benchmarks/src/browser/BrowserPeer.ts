/** A library for React, with the page that uses it. */

export interface BrowserPeer {
  /** The packages on npm: first the one for React. */
  readonly packages: readonly [string, ...string[]]
  /** A file of the folder pages. */
  readonly page: string
  /** How it is used here, where its documentation leaves a choice. */
  readonly use: string
}

export const browserPeers: readonly BrowserPeer[] = [
  {
    packages: ["@ellipsis-oauth/react"],
    page: "ellipsisOauth",
    use: '`createBrowserTokenClient`, `TokenGate`; for tabs `storage: "local"` with `persistRefreshToken`',
  },
  {
    packages: ["react-oidc-context", "oidc-client-ts"],
    page: "reactOidcContext",
    use: "the component of its README, `onSigninCallback` included; for tabs `userStore` on `localStorage`",
  },
  {
    packages: ["react-oauth2-code-pkce"],
    page: "reactOauth2CodePkce",
    use: "`AuthProvider` with `autoLogin: false`; its storage is `localStorage` by default",
  },
  {
    packages: ["@axa-fr/react-oidc"],
    page: "axaReactOidc",
    use: "`OidcProvider` without a service worker; for tabs `storage: localStorage`",
  },
  {
    packages: ["@auth0/auth0-react"],
    page: "auth0React",
    use: '`Auth0Provider` with `useRefreshTokens`; for tabs `cacheLocation: "localstorage"`',
  },
]
