// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the strings are code.
/**
 * Each row of SECURITY.md, and each promise of a README or of the security model that has no row there, with ways to
 * break it, and the test that fails then. `scripts/promises.ts` runs them; `test/promises.test.ts` holds that no row is
 * missing and that every break still finds its place.
 */

export interface Edit {
  readonly file: string
  /** Found once in the file; white space does not count. */
  readonly from: string
  readonly to: string
}

export interface Break {
  /** The edits that break the promise. */
  readonly edits: readonly Edit[]
  /** A project of Vitest. */
  readonly project: string
  readonly file: string
  /** The name of a test, or of a `describe`, as far as it takes to find it. */
  readonly test: string
}

export interface PromiseRow {
  /** The beginning of the row's first cell, or a part of a sentence. */
  readonly row: string
  /** Where the sentence is. Left out for a row of SECURITY.md. */
  readonly page?: string
  readonly breaks: readonly Break[]
}

const core = (file: string, from: string, to: string): Edit => ({
  file: `packages/core/src/${file}`,
  from,
  to,
})
const node = (file: string, from: string, to: string): Edit => ({
  file: `packages/node/src/${file}`,
  from,
  to,
})
const react = (file: string, from: string, to: string): Edit => ({
  file: `packages/react/src/${file}`,
  from,
  to,
})
const cli = (file: string, from: string, to: string): Edit => ({ file: `packages/cli/src/${file}`, from, to })
const mockServer = (file: string, from: string, to: string): Edit => ({
  file: `packages/mock-server/src/${file}`,
  from,
  to,
})

const failsIn =
  (project: string, folder: string) =>
  (file: string, test: string, ...edits: readonly Edit[]): Break => ({
    edits,
    project,
    file: `${folder}/${file}`,
    test,
  })

const failsInCore = failsIn("core", "packages/core/test")
const failsInNode = failsIn("node", "packages/node/test")
const failsInReact = failsIn("react-node", "packages/react/test")
const failsInChromium = failsIn("react (chromium)", "packages/react/test")
const failsInCli = failsIn("cli", "packages/cli/test")
const failsInMockServer = failsIn("mock-server", "packages/mock-server/test")
const failsInRepository = failsIn("repository", "test")
const failsInHostile = (test: string, ...edits: readonly Edit[]) =>
  failsInNode("routes/hostile.test.ts", test, ...edits)

const stateUnchecked = core(
  "protocol/AuthorizationResponse.ts",
  'if (!equalsInConstantTime(states[0] ?? "", transaction.state)) return invalid("stateMismatch")',
  "",
)

const originsIgnored = node(
  "api/apiFetch.ts",
  "authorizes: (url) => origins.has(new URL(url).origin)",
  "authorizes: () => true",
)

const leaseIgnored = core("session/withLease.ts", "if (lease.acquired) {", "if (lease !== undefined) {")

export const promises: readonly PromiseRow[] = [
  {
    row: "No secret in an error",
    breaks: [
      failsInNode(
        "secrets.test.ts",
        "no failure shows a secret",
        core("common/redact.ts", "clean = withoutSecret(clean, form)", "continue"),
      ),
      failsInNode(
        "secrets.test.ts",
        "no session shows a secret",
        core("services/callStore.ts", "redact(error.message, secrets)", "error.message"),
        core(
          "services/callStore.ts",
          "error instanceof Error && /[{}]|accessToken|refreshToken/.test(error.message)",
          "false",
        ),
      ),
      failsInNode(
        "secrets.test.ts",
        "no failure shows a secret",
        core(
          "protocol/TokenResponse.ts",
          "const clean = (text: string | undefined) => (text ? redact(text, secrets) || undefined : undefined)",
          "const clean = (text: string | undefined) => text || undefined",
        ),
      ),
      failsInNode(
        "secrets.test.ts",
        "the spans of a login and a refresh of a session",
        core(
          "session/startRefresh.ts",
          'attributes: { "ellipsis-oauth.key": credential.key },',
          'attributes: { "ellipsis-oauth.key": credential.key, token: state.held?.accessToken },',
        ),
      ),
      failsInNode(
        "secrets.test.ts",
        "a token, a code",
        core(
          "protocol/Token.ts",
          "toJSON() {\n    return {\n      accessToken: concealed,",
          "toJSON() {\n    return {\n      accessToken: this.#accessToken,",
        ),
      ),
    ],
  },
  {
    row: "The state is checked first",
    breaks: [
      failsInCore(
        "protocol/AuthorizationResponse.test.ts",
        "the state is checked before everything else",
        stateUnchecked,
      ),
      failsInCore(
        "protocol/AuthorizationResponse.test.ts",
        "the comparison reads the whole state",
        core(
          "protocol/AuthorizationResponse.ts",
          "for (let i = 0; i < expected.length; i++) difference |=",
          "for (let i = 0; i < expected.length && difference === 0; i++) difference |=",
        ),
      ),
    ],
  },
  {
    row: "PKCE with S256 unless it is turned off",
    breaks: ['"plain"', '"none"'].map((method) =>
      failsInCore(
        "client/pkce.test.ts",
        "a client without the option pkce",
        core("client/ClientCore.ts", 'options.pkce ?? "S256"', `options.pkce ?? ${method}`),
      ),
    ),
  },
  {
    row: "A redirect of the token endpoint is never followed",
    breaks: [
      failsInNode(
        "peers.test.ts",
        "is never followed",
        node("transport/kyTransport.ts", 'signal, redirect: "manual"', 'signal, redirect: "follow" as never'),
      ),
    ],
  },
  {
    row: "Plain `http:` only to loopback",
    breaks: [
      failsInCore(
        "common/options.test.ts",
        "only looks like this machine, and is refused",
        core("common/options.ts", "\\[::1\\])$/i", "\\[::1\\])/i"),
      ),
      failsInCore(
        "common/options.test.ts",
        "http://0.0.0.0/v3 only looks like this machine",
        core("common/options.ts", "(?:localhost|", "(?:localhost|0\\.0\\.0\\.0|"),
      ),
    ],
  },
  {
    row: "A hostile HTTP response ends in a typed error",
    breaks: [
      failsInCore(
        "protocol/TokenResponse.test.ts",
        "any response of a server",
        core("protocol/TokenResponse.ts", 'parseObject(body.replace(/^\\ufeff/, ""))', "JSON.parse(body)"),
      ),
      failsInNode(
        "kyTransport.test.ts",
        "a token response of one byte more is not",
        core("promise/readBody.ts", "1024 * 1024", "16 * 1024 * 1024"),
      ),
    ],
  },

  {
    row: "The token goes to the API's origins and to no other",
    breaks: [
      failsInReact(
        "browser/fetch.test.ts",
        "gives the token to the API's origin, and to no other",
        react("page/apiOrigins.ts", "return origins.includes(new URL(url, baseUrl()).origin)", "return true"),
      ),
      failsInReact(
        "browser/fetch.test.ts",
        "takes no name that only looks like the API's",
        react(
          "page/apiOrigins.ts",
          "return origins.includes(new URL(url, baseUrl()).origin)",
          "return origins.some((origin) => new URL(url, baseUrl()).href.startsWith(origin))",
        ),
      ),
    ],
  },
  {
    row: "A callback whose state was not started here sends no code",
    breaks: [
      failsInReact(
        "browser/login.test.ts",
        "sends no code for a state that it did not start",
        react(
          "browser/createBrowserTokenClient.ts",
          "await session.completeAuthorization(callbackUrl, transaction)",
          'await (transaction === "" ? client.exchangeAuthorizationCode({ code: new URL(callbackUrl).searchParams.get("code") ?? "" }) : session.completeAuthorization(callbackUrl, transaction))',
        ),
      ),
      failsInReact(
        "browser/login.test.ts",
        "exchanges once, however often the client is mounted",
        react(
          "browser/loginTransactions.ts",
          "setItem(place, prefix + state, [startedAt, null, returnTo])",
          "",
        ),
        react(
          "browser/loginTransactions.ts",
          "if ((await Promise.race([locked, late])) === undefined) return undefined",
          "",
        ),
      ),
    ],
  },
  {
    row: "After a login the user stays on the app's own origin",
    breaks: [
      failsInReact(
        "browser/login.test.ts",
        "goes nowhere else afterwards",
        react(
          "page/requireOwnUrl.ts",
          "if (href.startsWith(own)) return href",
          "if (href !== own) return href",
        ),
      ),
      failsInReact(
        "browser/login.test.ts",
        "whatever a script has made of the browser's storage",
        react("browser/loginTransactions.ts", "returnTo.startsWith(home) ? returnTo : home", "returnTo"),
      ),
    ],
  },
  {
    row: "A refresh token is written to storage only where that was asked for",
    breaks: [
      failsInReact(
        "browser/store.test.ts",
        "writes no refresh token down that it is not asked to",
        react(
          "browser/webTokenStore.ts",
          "persistRefreshToken ? record : withoutRefreshToken(record)",
          "record",
        ),
      ),
      failsInReact(
        "backend/routes.test.ts",
        "never sees a refresh token",
        node(
          "routes/tokenRoute.ts",
          "return respondToken(session, accessToken, settings.now(), hintCookie.repair(cookies, id))",
          "const { refreshToken } = await session.getToken(); return respondJson(200, { access_token: accessToken, refresh_token: refreshToken, expires_in: 3600, scope: '' })",
        ),
      ),
      failsInReact(
        "browser/store.test.ts",
        "has of a login what was asked for",
        react("page/webStorage.ts", 'return kind === "memory" ? undefined : use(', "return use("),
      ),
    ],
  },
  {
    row: "A client secret in a browser client's options is an error",
    breaks: [
      failsInReact(
        "browser/options.test.ts",
        "createBrowserTokenClient, on a server",
        react("browser/BrowserTokenClientOptions.ts", 'if ("clientSecret" in Object(options))', "if (false)"),
        react(
          "browser/BrowserTokenClientOptions.ts",
          '"now",\n] as const',
          '"now", "clientSecret" as never,\n] as const',
        ),
      ),
    ],
  },
  {
    row: "The devtools panel shows neither token",
    breaks: [
      failsInChromium(
        "devtools/TokenDevtools.browser.test.tsx",
        "shows neither token of a session, whatever happens to it",
        react(
          "devtools/TokenDevtools.tsx",
          "Token: {status}",
          "Token: {status} <i hidden>{client.peekAccessToken()}</i>",
        ),
      ),
      failsInChromium(
        "devtools/TokenDevtools.browser.test.tsx",
        "shows neither token of a session, whatever happens to it",
        core(
          "protocol/TokenResponse.ts",
          "const clean = (text: string | undefined) => (text ? redact(text, secrets) || undefined : undefined)",
          "const clean = (text: string | undefined) => text || undefined",
        ),
      ),
    ],
  },

  {
    row: "`session.ky` gives the token to no other origin",
    breaks: [
      failsInNode("ky/sessionKy.test.ts", "not by an absolute URL, a Request", originsIgnored),
      failsInNode("ky/sessionKy.test.ts", "is followed without it", originsIgnored),
      failsInNode(
        "ky/sessionKy.test.ts",
        "hooks see every call, and none the token",
        node(
          "api/sessionKy.ts",
          "ky.create(prefix === undefined ? kyOptions : { ...kyOptions, prefix })",
          "ky.create({ ...kyOptions, ...(prefix === undefined ? {} : { prefix }), hooks: { ...kyOptions.hooks, beforeRequest: [async ({ request }: { request: Request }) => { request.headers.set('authorization', `Bearer ${await session.getAccessToken()}`) }, ...(kyOptions.hooks?.beforeRequest ?? [])] } })",
        ),
      ),
    ],
  },
  {
    row: "A loopback login listens on loopback addresses alone",
    breaks: [
      failsInNode(
        "loopback/loopbackLogin.test.ts",
        "listens on no network",
        node(
          "loopback/LoopbackListener.ts",
          "{ port, host: address }",
          '{ port, host: address === "127.0.0.1" ? "0.0.0.0" : address }',
        ),
      ),
      failsInNode(
        "loopback/loopbackLogin.test.ts",
        "listens at both addresses of localhost, or at none",
        node(
          "loopback/LoopbackListener.ts",
          'if (host === "localhost") await listener.#listen("::1", listener.port)',
          "",
        ),
      ),
      failsInNode("loopback/loopbackLogin.test.ts", "gets a page, and does not end the wait", stateUnchecked),
      failsInNode(
        "loopback/loopbackLogin.test.ts",
        "is refused by the token endpoint: the page has a text for the user",
        node("loopback/loopbackLogin.ts", "error.userMessage)", "error.message)"),
      ),
      failsInNode(
        "loopback/loopbackLogin.test.ts",
        "leaves its port to no program that asks to share it",
        node(
          "loopback/LoopbackListener.ts",
          "{ port, host: address }",
          "{ port, host: address, reusePort: true }",
        ),
      ),
    ],
  },

  {
    row: "The command takes no secret as an argument",
    breaks: [
      failsInCli(
        "command.test.ts",
        '["login","--client-secret=kanary"] exits with 2',
        cli("commandLine.ts", "for (const { name } of given) refuseSecret(name)", ""),
      ),
      failsInCli(
        "command.test.ts",
        "keeps everything from other users of the machine",
        cli("Profile.ts", "{ mode: 0o600 }", "{ mode: 0o644 }"),
      ),
      failsInCli(
        "command.test.ts",
        "is missed before the browser opens, and is not for another server",
        cli("profilePlan.ts", "const known = isSame ? before : undefined", "const known = before"),
      ),
    ],
  },
  {
    row: "The transcript of `doctor` holds no token",
    breaks: [
      failsInCli(
        "doctor.test.ts",
        "sees the defaults",
        cli("Transcript.ts", "if (isShown ||", "if (typeof value === 'string' ||"),
      ),
      failsInCli(
        "doctor.test.ts",
        "shows a secret with special characters in no encoding",
        cli(
          "Transcript.ts",
          '["authorization: [redacted]"]',
          "Object.entries(init.headers).map(([name, value]) => `${name}: ${value}`)",
        ),
      ),
    ],
  },
  {
    row: "The browser that the command opens gets no secret",
    breaks: [
      failsInCli(
        "terminal.test.ts",
        "the browser gets no secret",
        cli(
          "openInBrowser.ts",
          "for (const variable of secretVariables) delete process.env[variable]",
          "void secretVariables",
        ),
      ),
    ],
  },
  {
    row: "What a server says reaches a terminal without control",
    breaks: [
      failsInCli(
        "command.test.ts",
        "shows no characters of others that a terminal obeys",
        cli("plainText.ts", 'text.replaceAll(/(?!\\n)\\p{C}/gu, "")', "text"),
        core("common/redact.ts", '.replaceAll(/\\p{Cf}+/gu, "")', ""),
        core("common/redact.ts", '.replaceAll(/[\\p{Cc}\\u2028\\u2029]+/gu, " ")', ""),
      ),
    ],
  },

  {
    row: "Login CSRF",
    breaks: [
      failsInHostile(
        "login CSRF",
        node(
          "routes/LoginCookies.ts",
          "const name = this.#nameOf(state)\n    const cookie = cookies.get(name)",
          "const name = [...cookies.keys()].find((name) => this.#isName(name)) ?? ''; const cookie = cookies.get(name)",
        ),
        stateUnchecked,
      ),
    ],
  },
  {
    row: "Callback replay",
    breaks: [
      failsInHostile(
        "callback replay",
        node("routes/SessionStore.ts", "if (!acquired) return undefined", ""),
      ),
    ],
  },
  {
    row: "A login cookie that was made up",
    breaks: [
      failsInHostile(
        "made-up logins",
        node("routes/CookieKeys.ts", "return isOwn ? value : undefined", "return isOwn ? value : value"),
      ),
    ],
  },
  {
    row: "Session fixation",
    breaks: [
      failsInHostile(
        "session fixation",
        node(
          "routes/callbackRoute.ts",
          "if (previous !== undefined) await sessions.end(previous)",
          "void previous",
        ),
      ),
    ],
  },
  {
    row: "An id that was guessed",
    breaks: [
      failsInHostile(
        "an id with a later creation time",
        node("routes/SessionId.ts", "hash(`${owner}:${value}`)", "hash(`${owner}:${value.split('.')[1]}`)"),
        node("routes/SessionId.ts", "${new Date(createdAt).toISOString().slice(0, 10)}", "day"),
      ),
      failsInHostile(
        "an id with more after it",
        node("routes/SessionId.ts", "[\\w-]{43}$/", "[\\w-]{43}/"),
        node("routes/SessionId.ts", "hash(`${owner}:${value}`)", "hash(`${owner}:${value.slice(0, 52)}`)"),
      ),
    ],
  },
  {
    row: "Open redirects in `returnTo`",
    breaks: [
      failsInHostile(
        "open redirects",
        node(
          "routes/returnTo.ts",
          'if (!value.startsWith("/") && !value.startsWith(`${origin}/`)) return undefined',
          "",
        ),
        node("routes/returnTo.ts", "if (url.origin !== origin || username", "if (username"),
      ),
      failsInHostile(
        "a login's cookie that was",
        node("routes/CookieKeys.ts", "return isOwn ? value : undefined", "return isOwn ? value : value"),
        node(
          "routes/callbackRoute.ts",
          "readReturnTo(returnTo, settings) ?? `${settings.origin}/`",
          "returnTo",
        ),
      ),
      failsInHostile(
        "two targets, both of this app",
        node(
          "routes/returnTo.ts",
          "more.length > 0 ? undefined : readReturnTo(value, place)",
          "readReturnTo(more.at(-1) ?? value, place)",
        ),
      ),
    ],
  },
  {
    row: "Cookie tossing",
    breaks: [
      failsInHostile(
        "cookie tossing",
        node("routes/cookies.ts", "for (const name of repeated) cookies.delete(name)", "void repeated"),
      ),
      failsInHostile(
        "cookie tossing",
        node(
          "routes/cookies.ts",
          "code === 0x20 || code === 0x09",
          "code === 0x20 || code === 0x09 || code === 0xa0",
        ),
      ),
    ],
  },
  {
    row: "Cross-site POST to token and logout",
    breaks: [
      failsInHostile(
        "cross-site POST",
        node("routes/requestOrigin.ts", "if (isOwn) return", "if (isOwn || true) return"),
      ),
    ],
  },
  {
    row: "Method confusion",
    breaks: [
      failsInHostile(
        "method confusion",
        node("routes/createAuthRoutes.ts", "if (request.method !== method)", "if (request.method === '')"),
      ),
    ],
  },
  {
    row: "A login in a frame, an image, a script or a prefetch",
    breaks: [
      failsInHostile(
        "frames, images, scripts and prefetches",
        node(
          "routes/requestOrigin.ts",
          'if ((destination !== null && destination !== "document") || purpose.includes("prefetch"))',
          "if (destination === purpose)",
        ),
      ),
    ],
  },
  {
    row: "Cookies that are too large or malformed",
    breaks: [
      failsInHostile(
        "oversized and malformed cookies",
        node("routes/createAuthRoutes.ts", "longestCookieHeader = 16_384", "longestCookieHeader = Infinity"),
      ),
    ],
  },
  {
    row: "Header injection",
    breaks: [
      failsInHostile(
        "no name of a request's cookies gets into Set-Cookie",
        node(
          "routes/LoginCookies.ts",
          "return name.startsWith(this.#prefix) && /^[\\w-]{22}$/.test(name.slice(this.#prefix.length))",
          "return true",
        ),
      ),
      failsInHostile(
        "no forged host or scheme gets into a redirect",
        node(
          "routes/loginRoute.ts",
          "return respondRedirect(url,",
          "return respondRedirect(url.replace(encodeURIComponent(settings.origin), `https%3A%2F%2F${header('host')}`),",
        ),
      ),
    ],
  },
  {
    row: "Script in what the provider or the callback URL says",
    breaks: [
      failsInHostile(
        "header injection",
        node(
          "routes/AuthProblem.ts",
          '"Ellipsis Drive did not complete the login. Start again."',
          "String(error.errorDescription)",
        ),
        node(
          "routes/errorPage.ts",
          "text.replaceAll(/[&<>\"']/g, (character) => `&#${character.charCodeAt(0)};`)",
          "text",
        ),
      ),
      failsInHostile(
        "no response may be framed",
        node("routes/errorPage.ts", "default-src 'none'; style-src", "default-src *; style-src"),
      ),
      failsInHostile(
        "nothing that a callback URL says is on the page",
        node(
          "routes/AuthProblem.ts",
          '"Access was refused. Log in again to allow it."',
          "String(error.errorDescription)",
        ),
      ),
    ],
  },
  {
    row: "Another app's session, where two apps share a store",
    breaks: [
      failsInNode(
        "routes/sharedStore.test.ts",
        "finds no session for the first app's cookie",
        node("routes/SessionId.ts", "hash(`${owner}:${value}`)", "hash(value)"),
      ),
    ],
  },
  {
    row: "A body that never ends",
    breaks: [
      failsInNode(
        "routes/mounts.test.ts",
        "responds before a body of a gigabyte has arrived",
        node(
          "routes/toNodeListener.ts",
          "const request = toRequest(incoming)",
          "for await (const _ of incoming as never as AsyncIterable<unknown>); const request = toRequest(incoming)",
        ),
      ),
    ],
  },
]

const securityModel = "docs/guides/security.md"

/** What READMEs and the security model promise beside SECURITY.md. */
export const sentences: readonly PromiseRow[] = [
  {
    page: "README.md",
    row: "all callers, tabs, processes and machines that share a login make **one refresh**",
    breaks: [
      failsInCore(
        "session/TokenSession.test.ts",
        "10,000 callers on an expired token: one request, one token",
        core("session/Session.ts", "if (this.#inFlight !== undefined) return this.#inFlight", ""),
        // Without its lease: under it, each further refresh finds the token of the first one.
        leaseIgnored,
      ),
      failsInNode("processes/manyProcesses.test.ts", "8 processes with 50 callers each", leaseIgnored),
      failsInReact(
        "browser/tabs.test.ts",
        "never present a refresh token twice, however many refreshes they want at once",
        react(
          "browser/webTokenStore.ts",
          "held?.unlock ?? (name === undefined ? async () => {} : await tryLock(name))",
          "held?.unlock ?? (async () => {})",
        ),
      ),
    ],
  },
  {
    page: "README.md",
    row: "a new refresh token is **stored before anybody uses** the new access token",
    breaks: [
      failsInCore(
        "session/TokenSession.test.ts",
        "to write: the error says so",
        core(
          "session/refreshCredential.ts",
          "const result = yield* saveCredential(store, { credential, ifVersion: replaces, budget })\n  if (result.saved) return",
          "Effect.runFork(saveCredential(store, { credential, ifVersion: replaces, budget }))\n  const result = { saved: false, error: undefined, found: undefined }\n  if (!result.saved) return",
        ),
      ),
    ],
  },
  {
    page: "README.md",
    row: "a network failure **signs nobody out**, and every error says",
    breaks: [
      failsInReact(
        "browser/realLife.test.ts",
        "a network that fails in mid-refresh signs nobody out",
        core(
          "session/SessionState.ts",
          'if (error._tag === "LoginRequired") {\n      const { reason } = error',
          'if (error._tag === "LoginRequired" || error._tag === "TransportError") {\n      const { reason } = error as never',
        ),
      ),
      failsInCore(
        "session/TokenSession.test.ts",
        "an expired token is not returned, the error says retry",
        core("errors/TokenEndpointUnavailable.ts", 'action: "retry"', 'action: "fix"'),
      ),
    ],
  },
  {
    page: "README.md",
    row: "secrets appear in **no error, log or URL**",
    breaks: [
      failsInNode(
        "secrets.test.ts",
        "no secret is in a URL",
        core(
          "protocol/TokenRequest.ts",
          "new HttpRequest(\n      server.tokenEndpoint,",
          "new HttpRequest(\n      `${server.tokenEndpoint}?${new URLSearchParams(parameters)}`,",
        ),
      ),
    ],
  },
  {
    page: "packages/react/README.md",
    row: "after a 401 it sends the request once more with a new token",
    breaks: [
      failsInReact(
        "browser/fetch.test.ts",
        "repeats a request once after a 401",
        core("promise/authorizedFetch.ts", "if (isRenewed) return response", "return response"),
      ),
    ],
  },
  {
    page: "packages/cli/README.md",
    row: "prints a valid access token and nothing else",
    breaks: [
      failsInCli(
        "command.test.ts",
        "logs in, prints a token, shows the account, and logs out",
        cli("token.ts", ": found.accessToken)", ": `Access token: ${found.accessToken}`)"),
      ),
    ],
  },
  {
    page: "packages/core/README.md",
    row: "No HTTP library, no DOM, no `node:`.",
    breaks: [
      failsInRepository(
        "architecture.test.ts",
        "imports only what it may",
        core("promise/readBody.ts", "/** The largest body", 'import "node:fs"\n/** The largest body'),
      ),
    ],
  },
  {
    page: "packages/mock-server/README.md",
    row: "It has no dependencies.",
    breaks: [
      failsInMockServer(
        "imports.test.ts",
        "import their own files, the types of node, and each peer in its entry alone",
        mockServer("common/editDistance.ts", "/** Edit distance", 'import "effect"\n/** Edit distance'),
      ),
    ],
  },
  {
    page: securityModel,
    row: "What a server repeats of a request is removed from messages",
    breaks: ["[secret]", "[Base64.encode(secret)]"].map((forms) =>
      failsInCore(
        "common/redact.test.ts",
        "a secret is removed in every encoding that servers quote it in",
        core("common/redact.ts", "[secret, Base64.encode(secret)]", forms),
      ),
    ),
  },
  {
    page: securityModel,
    row: "the cookie's hash does not give the cookie",
    breaks: [
      failsInHostile(
        "a copy of the store opens no browser's session",
        node("routes/SessionId.ts", "${hash(`${owner}:${value}`)}", "${hash(owner)}.${value}"),
      ),
    ],
  },
  {
    page: securityModel,
    row: "nor move one to another user",
    breaks: [
      failsInNode(
        "stores/encryptedTokenStore.test.ts",
        "under another key of the store: corrupt",
        node("stores/recordCipher.ts", "encode(`${format}.${key}`)", "encode(format)"),
      ),
    ],
  },
  {
    page: securityModel,
    row: "It listens on this machine alone unless you say otherwise",
    breaks: [
      failsInMockServer(
        "server/SocketMount.test.ts",
        "listens on one address of this machine, unless it is told otherwise",
        mockServer("server/SocketMount.ts", 'host = "127.0.0.1", tls', 'host = "0.0.0.0", tls'),
      ),
    ],
  },
]
