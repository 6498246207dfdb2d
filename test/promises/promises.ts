// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the strings are code.
/**
 * Each row of SECURITY.md with a way to break its promise, and the test that fails then. `scripts/promises.ts` runs
 * them; `test/promises.test.ts` holds that no row is missing and that every break still finds its place.
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
  /** The beginning of the row's first cell. */
  readonly row: string
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
        "the comparison looks at the whole state",
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
    ],
  },
  {
    row: "A hostile HTTP response ends in a typed error",
    breaks: [
      failsInCore(
        "protocol/TokenResponse.test.ts",
        "any response of a server",
        core(
          "protocol/TokenResponse.ts",
          'const json = isTooLong ? undefined : parseObject(body.replace(/^\\ufeff/, ""))',
          "const json = JSON.parse(body)",
        ),
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
          'await complete(href, "").catch(() => {})',
          'await client.exchangeAuthorizationCode({ code: new URL(href).searchParams.get("code") ?? "" }).catch(() => {})',
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
          "if (!(await Promise.race([isFirst, isLate]))) return undefined",
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
        react("page/requireOwnUrl.ts", "if (href.startsWith(own) &&", "if ("),
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
        "shows neither token of a session that has both",
        react(
          "devtools/TokenDevtools.tsx",
          "Token: {status}",
          "Token: {status} <i hidden>{client.peekAccessToken()}</i>",
        ),
      ),
      failsInChromium(
        "devtools/TokenDevtools.browser.test.tsx",
        "shows neither token of a session that has both",
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
        "is on no network",
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
      failsInNode("loopback/loopbackLogin.test.ts", "is answered, and does not end the wait", stateUnchecked),
      failsInNode(
        "loopback/loopbackLogin.test.ts",
        "which is quoted without markup",
        node(
          "loopback/loopbackPage.ts",
          "text.replace(/[&<>\"']/g, (character) => `&#${character.charCodeAt(0)};`)",
          "text",
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
        "no reply may be framed",
        node("routes/errorPage.ts", "default-src 'none'; style-src", "default-src *; style-src"),
      ),
    ],
  },
  {
    row: "Another app's session, where two apps share a store",
    breaks: [
      failsInNode(
        "routes/sharedStore.test.ts",
        "finds no session under the first app's cookie",
        node("routes/SessionId.ts", "hash(`${owner}:${value}`)", "hash(value)"),
      ),
    ],
  },
  {
    row: "A body that never ends",
    breaks: [
      failsInNode(
        "routes/mounts.test.ts",
        "answers before a body of a gigabyte has come",
        node(
          "routes/toNodeListener.ts",
          "const request = toRequest(incoming)",
          "for await (const _ of incoming as never as AsyncIterable<unknown>); const request = toRequest(incoming)",
        ),
      ),
    ],
  },
]
