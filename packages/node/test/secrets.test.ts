// Recognisable secrets in every place, every failing path, every printer: none may show one.
import { Console } from "node:console"
import { Writable } from "node:stream"
import { format, inspect } from "node:util"
import { TokenClient as EffectTokenClient, type TokenClientService, TokenStore } from "@ellipsis-oauth/core"
import type { Fault } from "@ellipsis-oauth/mock-server"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as Scope from "effect/Scope"
import * as Tracer from "effect/Tracer"
import { describe, expect, test } from "vitest"
import { kyTransportLayer, nodeCryptoLayer } from "../src/effect/index.js"
import {
  type ClientAuthentication,
  createTokenClient,
  ellipsisDrive,
  memoryTokenStore,
  type TokenClientOptions,
  type TokenError,
} from "../src/index.js"
import { approve, keyInStore, listening, redirectUri, rejection } from "./fixtures.js"

const secrets = {
  clientSecret: "kanary-client-secret %+é",
  refreshToken: "kanary-refresh-token",
  code: "kanary-code",
  codeVerifier: "kanary-code-verifier".padEnd(43, "-"),
  newAccessToken: "kanary-new-access-token",
  newRefreshToken: "kanary-new-refresh-token",
}

/** Whatever a value can be turned into where people and machines read. */
const everyPrint = (value: unknown): string => {
  let printed = ""
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      printed += chunk
      done()
    },
  })
  const terminal = new Console(stream, stream)
  terminal.log(value)
  terminal.error("%s %o %O %j", value, value, value, value)
  terminal.dir(value, { depth: null, showHidden: true })
  const seen = new Set<unknown>()
  const walk = (part: unknown): void => {
    if (typeof part === "string") printed += `${part}\n`
    if (typeof part !== "object" || part === null || seen.has(part)) return
    seen.add(part)
    for (const key of Reflect.ownKeys(part)) walk(Reflect.get(part, key))
  }
  walk(value)
  const stack = value instanceof Error ? `${value.stack}${inspect(value.cause)}` : ""
  return (
    printed +
    stack +
    format(value) +
    JSON.stringify(value) +
    String(value) +
    inspect(value, { depth: null, showHidden: true, getters: true })
  )
}

const forms = Object.values(secrets).flatMap((secret) => [
  secret,
  encodeURIComponent(secret),
  new URLSearchParams([["", secret]]).toString().slice(1),
  Buffer.from(secret).toString("base64"),
  Buffer.from(secret).toString("base64url"),
  Buffer.from(`app:${new URLSearchParams([["", secret]]).toString().slice(1)}`).toString("base64"),
  Buffer.from(`app:${secret}`).toString("base64"),
])

const expectClean = (printed: string) => {
  const found = [...forms, "kanary"].find((form) => printed.toLowerCase().includes(form.toLowerCase()))
  const at = printed.toLowerCase().indexOf(found?.toLowerCase() ?? "")
  expect(found === undefined ? "clean" : `…${printed.slice(Math.max(0, at - 80), at + 80)}…`).toBe("clean")
}

const fresh = {
  access_token: secrets.newAccessToken,
  refresh_token: secrets.newRefreshToken,
  token_type: "Bearer",
}
/** What a server can quote is what it was sent. */
const quoted = {
  session: `I was sent ${secrets.newRefreshToken}`,
  refresh: `I was sent ${secrets.refreshToken}`,
  exchange: `I was sent ${secrets.code} and ${secrets.codeVerifier}`,
}

const inHeaders = (quoting: string) => ({
  "www-authenticate": `Basic realm="${encodeURIComponent(quoting)}"`,
  location: `https://evil.example/${encodeURIComponent(quoting)}`,
  "x-debug": encodeURIComponent(quoting),
})

const faultsOf = (quoting: string): Record<string, Fault> => ({
  "200 with an error": {
    reply: { status: 200, body: { error: "invalid_grant", error_description: quoting, ...fresh } },
  },
  "401 with a challenge": {
    reply: { status: 401, body: { error: "invalid_client" }, headers: inHeaders(quoting) },
  },
  "400 that quotes the request": {
    reply: { status: 400, body: { error: "invalid_grant", error_description: quoting } },
  },
  "400 with a message": { reply: { status: 400, body: { message: quoting } } },
  "400 with text": { reply: { status: 400, body: quoting } },
  "400 with a code that is a secret": { reply: { status: 400, body: { error: quoting.split(" ")[3] } } },
  "503 that quotes": { reply: { status: 503, body: quoting, headers: { "retry-after": "999" } } },
  "502 with HTML that quotes": {
    reply: { status: 502, body: `<title>${quoting}</title>`, headers: { "retry-after": "999" } },
  },
  "access_token is no string": { reply: { body: { ...fresh, access_token: [secrets.newAccessToken] } } },
  "truncated JSON": { reply: { body: JSON.stringify(fresh).slice(0, -3) } },
  "not JSON": { reply: { body: `access_token=${secrets.newAccessToken}` } },
  "a JSON string": { reply: { body: JSON.stringify(secrets.newAccessToken) } },
  "a JSON array": { reply: { body: [fresh] } },
  "307": { reply: { status: 307, headers: inHeaders(quoting) } },
  reset: { wire: "reset" },
  "closed before the reply": { wire: "close" },
  "closed in the body": { reply: { body: fresh }, wire: "closeInBody" },
  "no answer": { wire: "hang" },
})

const calls = {
  refresh: (client: TokenClientService) => client.refreshToken(secrets.refreshToken),
  exchange: (client: TokenClientService) =>
    client.exchangeAuthorizationCode({ code: secrets.code, codeVerifier: secrets.codeVerifier }),
}

/** A call of a client for Effect programs. Its scope stays open, so that nobody waits for a silent server. */
const withClient = (
  options: TokenClientOptions,
  call: (client: TokenClientService) => Effect.Effect<unknown, TokenError>,
): Effect.Effect<unknown, TokenError> => {
  const {
    fetch,
    userAgent: _,
    store: __,
    now: ___,
    tracer: ____,
    apiOrigins: _____,
    server,
    ...known
  } = options
  return Effect.flatMap(EffectTokenClient.make({ ...known, server: server ?? ellipsisDrive() }), call).pipe(
    Effect.provideService(Scope.Scope, Scope.makeUnsafe()),
    Effect.provide(TokenStore.memory),
    Effect.provide(kyTransportLayer(fetch === undefined ? {} : { fetch })),
    Effect.provide(nodeCryptoLayer),
  )
}

/** Runs with logging and tracing on, and returns the failure with all that was written on the way. */
const observe = async (effect: Effect.Effect<unknown, TokenError>) => {
  const written: unknown[] = []
  const spans: Tracer.Span[] = []
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    },
  })
  const logger = Logger.make((options) => {
    written.push(options.message, options.cause)
  })
  const exit = await Effect.runPromiseExit(
    effect.pipe(
      Effect.tapCause((cause) => Effect.logError("failed", cause)),
      Effect.provide(Logger.layer([logger])),
      Effect.withTracer(tracer),
    ),
  )
  const cause = Exit.isFailure(exit) ? exit.cause : undefined
  const traced = spans.map((span) => [
    span.name,
    [...span.attributes],
    span.status._tag === "Ended" ? span.status.exit : "open",
  ])
  return {
    cause,
    printed:
      everyPrint(written) + everyPrint(traced) + (cause ? Cause.pretty(cause) + everyPrint(cause) : ""),
  }
}

describe("no failure shows a secret", () => {
  const authentications: readonly ClientAuthentication[] = ["body", "basic", "basic-raw", "none"]
  const cases = Object.keys(faultsOf("")).flatMap((fault) => [
    [fault, "refresh"] as const,
    [fault, "exchange"] as const,
  ])

  test.each(cases)("%s, %s", async (fault, call) => {
    const server = await listening()
    for (const clientAuthentication of authentications) {
      const options: TokenClientOptions = {
        clientId: "app",
        ...(clientAuthentication === "none" ? {} : { clientSecret: secrets.clientSecret }),
        clientAuthentication,
        redirectUri,
        server: ellipsisDrive({ baseUrl: server.url }),
        timeout: 60,
        deadline: 80,
      }
      const client = createTokenClient(options)
      const secret = clientAuthentication === "none" ? "" : ` by ${secrets.clientSecret}`
      const quoting = `${quoted[call]}${secret}`
      server.faults.next("token", faultsOf(quoting)[fault] ?? {})
      const { cause, printed } = await observe(withClient(options, calls[call]))
      expect(cause).toBeDefined()
      expectClean(printed)
      server.faults.next("token", faultsOf(quoting)[fault] ?? {})
      const error = await rejection(
        call === "refresh"
          ? client.refreshToken(secrets.refreshToken)
          : client.exchangeAuthorizationCode({ code: secrets.code, codeVerifier: secrets.codeVerifier }),
      )
      expectClean(everyPrint(error))
      expectClean(everyPrint(client))
    }
  })

  test("a fetch that throws the request itself", async () => {
    const options: TokenClientOptions = {
      clientId: "app",
      clientSecret: secrets.clientSecret,
      deadline: 50,
      fetch: async (url, init) => {
        throw Object.assign(new TypeError(`fetch failed: ${init.body}`), {
          request: new Request(url, init),
          code: secrets.code,
        })
      },
    }
    const { cause, printed } = await observe(withClient(options, calls.refresh))
    expect(cause).toBeDefined()
    expectClean(printed)
  })

  test("bad options and arguments", async () => {
    const attempts = [
      () => createTokenClient({ clientId: "app", clientSecret: secrets.clientSecret.repeat(9) }),
      () =>
        createTokenClient({
          clientId: "app",
          server: ellipsisDrive({ baseUrl: "https://u:kanary@x.example" }),
        }),
    ]
    for (const attempt of attempts) {
      try {
        attempt()
        expect.unreachable()
      } catch (error) {
        expectClean(everyPrint(error))
      }
    }
    const failing: ((client: TokenClientService) => Effect.Effect<unknown, TokenError>)[] = [
      (client) => client.exchangeAuthorizationCode({ code: "c", codeVerifier: "kanary" }),
      (client) =>
        client.parseAuthorizationResponse(`https://app.example/?code=${secrets.code}&state=kanary`, "kanary"),
    ]
    for (const call of failing) {
      const { cause, printed } = await observe(withClient({ clientId: "app" }, call))
      expect(cause).toBeDefined()
      expectClean(printed)
    }
  })
})

describe("no session shows a secret", () => {
  const fresh = {
    access_token: secrets.newAccessToken,
    refresh_token: secrets.newRefreshToken,
    expires_in: 60,
  }

  /** A session with a token in hand, everything that it tells, and a store that can be made to quote what it holds. */
  const start = async () => {
    const server = await listening()
    const told: unknown[] = []
    const inner = memoryTokenStore()
    const quoting = { read: false, write: false, remove: false, lease: false }
    const quote = (value: string) =>
      Object.assign(new Error(`cannot store ${value} or ${encodeURIComponent(value)}`), {
        code: "E1",
        query: value,
        detail: value,
      })
    const held = async (key: string) => (await inner.read(key))?.value ?? ""
    const client = createTokenClient({
      clientId: "app",
      clientSecret: secrets.clientSecret,
      redirectUri,
      server: ellipsisDrive({ baseUrl: server.url }),
      deadline: 2000,
      onEvent: (event) => told.push(event),
      store: {
        read: async (key) => {
          if (quoting.read) throw quote(await held(key))
          return inner.read(key)
        },
        write: async (key, record, ifVersion) => {
          if (quoting.write) throw quote(record.value)
          return inner.write(key, record, ifVersion)
        },
        remove: async (key, ifVersion) => {
          if (quoting.remove) throw quote(await held(key))
          return inner.remove(key, ifVersion)
        },
        lease: async (key, owner, duration) => {
          if (quoting.lease) throw quote(await held(key))
          return inner.lease(key, owner, duration)
        },
        release: (key, owner) => inner.release(key, owner),
      },
    })
    const session = client.session("ada")
    session.subscribe(() => told.push(session.getSnapshot()))
    const login = async () => {
      const { transaction } = await client.createAuthorizationRequest()
      const state: unknown = JSON.parse(Buffer.from(transaction, "base64url").toString())[2]
      return session.completeAuthorization(`/callback?code=${secrets.code}&state=${state}`, transaction)
    }
    server.faults.next("token", { reply: { body: fresh } })
    await login()
    const observed = async (call: () => Promise<unknown>) => {
      told.push(
        await call().then(
          () => "done",
          (error: unknown) => error,
        ),
      )
    }
    return { server, session, client, told, quoting, inner, login, observed }
  }

  test.each(["read", "write", "remove", "lease"] as const)(
    "a store that quotes what it holds when it fails to %s",
    async (call) => {
      const { server, session, client, told, quoting, login, observed } = await start()
      quoting[call] = true
      server.faults.next("token", { reply: { body: fresh } })
      await observed(() => session.getAccessToken({ force: true }))
      server.faults.next("token", {
        reply: { status: 400, body: { error: "invalid_grant", error_description: quoted.session } },
      })
      await observed(() => session.getAccessToken({ force: true }))
      server.faults.clear()
      server.faults.next("token", { reply: { body: fresh } })
      await observed(login)
      await observed(() => session.signOut())
      const errors = told.filter(
        (value) =>
          value instanceof Error || (typeof value === "object" && value !== null && "error" in value),
      )
      expect(errors).not.toEqual([])
      expectClean(everyPrint(told) + everyPrint(session) + everyPrint(client))
    },
  )

  test("a refused refresh, a damaged and a foreign record", async () => {
    const { server, session, client, told, inner, observed } = await start()
    const value = (await inner.read(keyInStore(client, "ada")))?.value ?? ""
    await inner.write(keyInStore(client, "damaged"), { value: value.slice(0, -5), version: "1" })
    await inner.write(keyInStore(client, "foreign"), {
      value: value.replace('"clientId":"app"', '"clientId":"other"'),
      version: "1",
    })
    await observed(() => client.session("damaged").getAccessToken())
    await observed(() => client.session("foreign").getAccessToken())
    expect(told.slice(-4)).toMatchObject([{}, { reason: "corrupt" }, {}, { reason: "foreign" }])
    server.faults.next("token", {
      reply: { status: 400, body: { error: "invalid_grant", error_description: quoted.session } },
    })
    session.reportRejected(secrets.newAccessToken)
    await observed(() => session.getAccessToken())
    expect(told.at(-1)).toMatchObject({ _tag: "LoginRequired", reason: "revoked" })
    expectClean(everyPrint(told) + everyPrint(session) + everyPrint(client))
  })
})

describe("what code gets shows no secret", () => {
  const fresh = {
    access_token: secrets.newAccessToken,
    refresh_token: secrets.newRefreshToken,
    expires_in: 60,
  }

  const callback = (transaction: string) => {
    const state: unknown = JSON.parse(Buffer.from(transaction, "base64url").toString())[2]
    return `/callback?code=${secrets.code}&state=${state}`
  }

  test("a token, a code, and the arguments of a custom fetch", async () => {
    const server = await listening()
    const client = createTokenClient({
      clientId: "app",
      clientSecret: secrets.clientSecret,
      redirectUri,
      server: ellipsisDrive({ baseUrl: server.url }),
    })
    const { transaction } = await client.createAuthorizationRequest()
    const code = await client.parseAuthorizationResponse(callback(transaction), transaction)
    expect(code.code).toBe(secrets.code)
    expectClean(everyPrint(code))
    server.faults.next("token", { reply: { body: { ...fresh, extra: "known" } } })
    const session = client.session("ada")
    const token = await session.completeAuthorization(callback(transaction), transaction)
    expect([token.accessToken, token.refreshToken]).toEqual([fresh.access_token, fresh.refresh_token])
    expectClean(everyPrint(token))
    expectClean(everyPrint({ token, tokens: [token], session, client }))
  })

  test("the spans of a login and a refresh of a session", async () => {
    const server = await listening()
    server.faults.next("token", { reply: { body: fresh } }, { reply: { body: fresh } })
    const options: TokenClientOptions = {
      clientId: "app",
      clientSecret: secrets.clientSecret,
      redirectUri,
      server: ellipsisDrive({ baseUrl: server.url }),
    }
    const { printed } = await observe(
      withClient(options, (client) =>
        Effect.gen(function* () {
          const { transaction } = yield* client.createAuthorizationRequest()
          const session = yield* client.session("ada")
          yield* session.completeAuthorization(callback(transaction), transaction)
          yield* session.getAccessToken({ force: true })
        }),
      ),
    )
    expect(printed).toContain("ellipsis-oauth.refreshCredential")
    expectClean(printed)
  })
})

test("no secret is in a URL, except the challenge and the state of the authorization request", async () => {
  const server = await listening({ rotation: "always" })
  const urls: string[] = []
  const client = createTokenClient({
    clientId: "demo-app",
    clientSecret: "demo-secret",
    redirectUri,
    server: ellipsisDrive({ baseUrl: server.url }),
    fetch: (url, init) => {
      urls.push(url)
      return fetch(url, init)
    },
  })
  const { url, transaction } = await client.createAuthorizationRequest()
  urls.push(url)
  const session = client.session("ada")
  const callbackUrl = await approve(server, url)
  await session.completeAuthorization(callbackUrl, transaction)
  await session.getAccessToken({ force: true })
  expect((await session.fetch(`${server.url}/account`)).status).toBe(200)
  expect(urls.map((sent) => new URL(sent).pathname)).toEqual([
    "/v3/oauth/authorize",
    "/v3/oauth/token",
    "/v3/oauth/token",
    "/v3/account",
  ])
  const { codeVerifier = "" } = await client.parseAuthorizationResponse(callbackUrl, transaction)
  expect(codeVerifier).toMatch(/^[\w-]{43}$/)
  const code = new URL(callbackUrl).searchParams.get("code") ?? ""
  const [family] = server.families
  const [login] = family?.refreshTokens ?? []
  const tokens = [login, ...(login?.children ?? [])].flatMap((node) => [
    node?.token ?? "",
    ...(node?.accessTokens.map(({ token }) => token) ?? []),
  ])
  expect(tokens).toHaveLength(4)
  for (const secret of ["demo-secret", code, codeVerifier, ...tokens]) {
    expect(secret).not.toBe("")
    expect(urls.join()).not.toContain(secret)
  }
})
