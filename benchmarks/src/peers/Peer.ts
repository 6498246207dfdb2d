/** A library, behind the few calls that every app makes. Each file beside this one does them as its documentation says. */

export interface PeerSettings {
  /** With `/authorize` and `/token`. */
  readonly origin: string
  readonly clientId: string
  readonly clientSecret: string
  readonly redirectUri: string
  /** HTTP Basic, encoded as the library does if nothing else is asked for; otherwise the secret in the body. */
  readonly basic?: boolean
}

export interface Held {
  readonly accessToken: string | undefined
  readonly refreshToken: string | undefined
  /** Milliseconds since the epoch. */
  readonly expiresAt: number | undefined
}

export interface PeerClient {
  /** Where the user is sent to. */
  authorizationUrl(): Promise<string>
  /** The user is back: checks what the library checks, and exchanges the code. */
  complete(callbackUrl: string): Promise<void>
  /** A valid access token, refreshed first if it has expired. */
  getAccessToken(signal?: AbortSignal): Promise<string | undefined>
  /** Refreshes, whether or not the token has expired. */
  refresh(): Promise<void>
  /** What it has now. */
  held(): Promise<Held>
  /** `fetch` with the token, where the library has one. */
  readonly fetch?: (url: string) => Promise<number>
  /** Another client of the same user, as in another process, where the library can share its tokens. */
  readonly share?: () => Promise<PeerClient>
  /** What an app may print by mistake. */
  printable(): Promise<Readonly<Record<"client" | "token", unknown>>>
  close(): Promise<void>
}

export interface Peer {
  /** The package on npm. */
  readonly name: string
  /** `false`: each call is a request, and the app keeps the tokens. */
  readonly keepsTokens: boolean
  readonly checksState: boolean
  readonly takesSignal: boolean
  /** How it is used here, where its documentation leaves a choice. */
  readonly use: string
  open(settings: PeerSettings): Promise<PeerClient>
}
