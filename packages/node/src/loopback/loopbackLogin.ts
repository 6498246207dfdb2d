/** Login for desktop and command-line apps: in the browser, which comes back to a port of this machine (RFC 8252). */
import {
  callQuietly,
  InvalidAuthorizationResponse,
  isTokenError,
  type Token,
  type PromiseTokenClient as TokenClient,
  type PromiseTokenSession as TokenSession,
} from "@ellipsis-oauth/core/promise"
import { LoopbackListener } from "./LoopbackListener.js"
import {
  checkLoopbackOptions,
  type LoopbackLoginOptions,
  type LoopbackLoginSettings,
} from "./loopbackOptions.js"
import { failedPage, type LoopbackPage, loopbackPages } from "./loopbackPage.js"

/**
 * Opens the browser, waits until the person comes back to `http://127.0.0.1:{port}/callback`, exchanges the code and
 * stores the token. Requests that do not belong to this login get an error page and are ignored. When the promise
 * settles, the port is closed.
 *
 * @throws ConfigurationError (a port that is taken), AuthorizationErrorResponse (the person refused),
 *   InvalidAuthorizationResponse with the reason `expired` (nobody came back within `timeout`), the signal's reason,
 *   and what `completeAuthorization` throws
 */
export const loopbackLogin = async (
  client: TokenClient,
  options: LoopbackLoginOptions = {},
): Promise<Token> => {
  const settings = checkLoopbackOptions(options)
  const { host, path, port, scope, signal } = settings
  const session = settings.key === undefined ? client.session() : client.session(settings.key)
  signal?.throwIfAborted()
  const listener = await LoopbackListener.open(host, port, path)
  try {
    const { url, transaction } = await client.createAuthorizationRequest({
      redirectUri: `http://${host}:${listener.port}${path}`,
      scope,
    })
    return await waitFor({ client, session, listener, settings, url, transaction })
  } finally {
    await listener.close()
  }
}

interface Login {
  readonly client: TokenClient
  readonly session: TokenSession
  readonly listener: LoopbackListener
  readonly settings: LoopbackLoginSettings
  readonly url: string
  readonly transaction: string
}

const waitFor = async (login: Login): Promise<Token> => {
  const { client, session, listener, settings, url, transaction } = login
  const { signal } = settings
  const { promise: outcome, resolve } = Promise.withResolvers<Token>()
  let ended = false
  const end = (result: () => Promise<Token>) => {
    if (ended) return
    ended = true
    clearTimeout(timer)
    resolve(result())
  }
  const timer = setTimeout(
    () => end(() => Promise.reject(new InvalidAuthorizationResponse({ reason: "expired" }))),
    settings.timeout,
  )
  const onAbort = () => end(() => Promise.reject(signal?.reason))
  signal?.addEventListener("abort", onAbort, { once: true })
  if (signal?.aborted) onAbort()

  /** Called for each request, and for each URL that a person pastes. A browser may send its request twice. */
  const receive = async (callbackUrl: string): Promise<LoopbackPage> => {
    try {
      await client.parseAuthorizationResponse(callbackUrl, transaction)
      // The signal ends only the caller's wait. The code exchange goes on and its token is stored.
      end(() => session.completeAuthorization(callbackUrl, transaction, { signal }))
    } catch (error) {
      if (isTokenError(error) && error._tag === "InvalidAuthorizationResponse")
        return loopbackPages.notThisLogin
      end(() => Promise.reject(error))
    }
    return outcome.then(() => loopbackPages.done, toPage)
  }

  const giveUp = session.beginLogin("loopback")
  listener.respondWith(receive)
  const stopReading = readPasted(settings, receive)
  try {
    announce(settings, url)
    return await outcome
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener("abort", onAbort)
    stopReading()
    giveUp()
  }
}

/** The program gets the error. The page has only a text for the user, and nothing that the provider or a link said. */
const toPage = (error: unknown): LoopbackPage => {
  if (!isTokenError(error)) return failedPage("The program stopped the login.")
  const refused = error._tag === "AuthorizationErrorResponse" && error.error === "access_denied"
  return failedPage(refused ? "Access was refused." : error.userMessage)
}

const announce = ({ openBrowser, paste, print }: LoopbackLoginSettings, url: string): void => {
  const orPaste =
    paste === undefined
      ? ""
      : "\n\nIf that browser is on another machine, it ends up at a page that it cannot show. Paste the address of that page here."
  const instruction =
    openBrowser === false
      ? "Open this page in a browser to log in:"
      : "Log in with the browser that opens now. If none does, open this page:"
  print(`${instruction}\n\n  ${url}${orPaste}\n`)
  // If no browser can be opened, the person opens the printed URL.
  if (openBrowser !== false) callQuietly(() => openBrowser(url))
}

/** @returns stops reading */
const readPasted = (
  { paste, print }: LoopbackLoginSettings,
  receive: (callbackUrl: string) => Promise<LoopbackPage>,
): (() => void) => {
  if (paste === undefined) return () => {}
  const { createInterface } = process.getBuiltinModule("node:readline")
  const lines = createInterface({ input: paste as NodeJS.ReadableStream, terminal: false })
  lines.on("line", (line) => {
    const pasted = line.trim()
    if (pasted === "") return
    void receive(pasted).then((page) => {
      if (page !== loopbackPages.notThisLogin) return
      print(
        "That is not the address of this login. Paste the whole address that the browser ended up at; it begins with http:// and has a code and a state.",
      )
    })
  })
  // If the terminal is closed, the browser can still complete the login.
  lines.on("error", () => {})
  return () => lines.close()
}
