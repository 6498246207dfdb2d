import { inspect } from "node:util"
import type { MockServer } from "@ellipsis-oauth/mock-server"
import ky, { HTTPError, isHTTPError, NetworkError, replaceOption, TimeoutError } from "ky"
import { describe, expect, it, test } from "vitest"
import { requireApiOrigin } from "../../src/api/apiOrigins.js"
import { redirectedRequest } from "../../src/api/redirectedRequest.js"
import { ConfigurationError, LoginRequired, rfc6749, type TokenClientOptions } from "../../src/index.js"
import { approve, clientFor, listening, rejection } from "../fixtures.js"
import { Api, type Asked, type Respond } from "./Api.js"

/** A user who is logged in. */
const logIn = async (server: MockServer, options: Partial<TokenClientOptions> = {}) => {
  const client = clientFor(server, { now: () => server.clock.now(), ...options })
  const session = client.session()
  const { url, transaction } = await client.createAuthorizationRequest()
  const token = await session.completeAuthorization(await approve(server, url), transaction)
  return { client, session, accessToken: token.accessToken }
}

const refreshes = (server: MockServer) =>
  server.log.filter(({ grantType }) => grantType === "refresh_token").length

/** An API that refuses the access tokens that its set holds. */
const apiThatRefuses = async () => {
  const refused = new Set<string | undefined>([undefined])
  const api = await Api.listen(({ token }) =>
    refused.has(token) ? { status: 401, body: "who?" } : { body: '{"ok":true}' },
  )
  return { api, refused }
}

const setUp = async () => {
  const server = await listening()
  const user = await logIn(server)
  const { api, refused } = await apiThatRefuses()
  return { server, ...user, api, refused, drive: user.session.ky({ prefix: api.origin }) }
}

describe("a call", () => {
  it("goes to the API of the client's server, with the token", async () => {
    const server = await listening()
    const { session } = await logIn(server)
    expect(await session.ky().get("account").json()).toMatchObject({ username: "demo" })
    expect(await session.ky()("/account").json()).toMatchObject({ username: "demo" })
  })

  it("refreshes an expired token first", async () => {
    const { server, session } = await setUp()
    server.clock.advance("2 hours")
    expect((await session.ky().get("account")).status).toBe(200)
    expect(server.log.filter(({ endpoint }) => endpoint === "account")).toHaveLength(1)
    expect(refreshes(server)).toBe(1)
  })

  it("fails with LoginRequired if no user is signed in, and sends nothing", async () => {
    const { client, api } = await setUp()
    const error = await rejection(client.session("nobody").ky({ prefix: api.origin }).get("x"))
    expect(error).toBeInstanceOf(LoginRequired)
    expect(api.asked).toEqual([])
  })

  it("keeps an Authorization header of the caller", async () => {
    const { drive, api, server } = await setUp()
    await rejection(drive.get("x", { headers: { authorization: "Basic eDp5" } }))
    expect(api.asked).toMatchObject([{ headers: { authorization: "Basic eDp5" } }])
    expect(refreshes(server)).toBe(0)
  })
})

describe("after a 401", () => {
  it("is sent once more with a fresh token", async () => {
    const { drive, api, refused, accessToken, server } = await setUp()
    refused.add(accessToken)
    expect(await drive.get("x").json()).toEqual({ ok: true })
    expect(api.tokens).toEqual([accessToken, expect.not.stringMatching(accessToken)])
    expect(refreshes(server)).toBe(1)
  })

  it("refreshes once for many calls with the same refused token", async () => {
    const { drive, refused, accessToken, server } = await setUp()
    refused.add(accessToken)
    const replies = await Promise.all(Array.from({ length: 20 }, (_, n) => drive.get(`${n}`).json()))
    expect(replies).toEqual(Array.from({ length: 20 }, () => ({ ok: true })))
    expect(refreshes(server)).toBe(1)
  })

  it("does not refresh if the token has changed meanwhile", async () => {
    const { drive, api, session, accessToken, server } = await setUp()
    let changed: Promise<string> | undefined
    api.respond(({ token }, response) => {
      if (token !== accessToken) return { body: '{"ok":true}' }
      changed = session.getAccessToken({ force: true })
      void changed.then(() => response.writeHead(401).end())
      return undefined
    })
    expect(await drive.get("x").json()).toEqual({ ok: true })
    expect(api.tokens).toEqual([accessToken, await changed])
    expect(refreshes(server)).toBe(1)
  })

  it("returns the second 401 to the caller", async () => {
    const { drive, api, server } = await setUp()
    api.respond(() => ({ status: 401, body: "never" }))
    const error = await rejection(drive.get("x"))
    expect(error).toBeInstanceOf(HTTPError)
    expect(isHTTPError(error) && error.data).toBe("never")
    expect(api.asked).toHaveLength(2)
    expect(refreshes(server)).toBe(1)
  })

  it("rejects with the session's error if no fresh token can be obtained", async () => {
    const { drive, refused, accessToken, server } = await setUp()
    refused.add(accessToken)
    server.revoke(accessToken)
    server.revokeFamily(accessToken)
    expect(await rejection(drive.get("x"))).toMatchObject({ _tag: "LoginRequired", reason: "revoked" })
  })

  const form = new FormData()
  form.set("name", "Ämt")
  form.set("file", new Blob(["map"]), "map.txt")
  test.each([
    ["json", { json: { a: "ä" } }],
    ["a string", { body: "text" }],
    ["URLSearchParams", { body: new URLSearchParams({ a: "b c" }) }],
    ["a Buffer", { body: Buffer.from("bytes") }],
    ["an ArrayBuffer", { body: new TextEncoder().encode("bytes").buffer }],
    ["a Blob", { body: new Blob(["blob"]) }],
    ["FormData", { body: form }],
    ["no body", {}],
  ])("POST sends %s again, letter by letter", async (_, options) => {
    const { drive, api, refused, accessToken } = await setUp()
    refused.add(accessToken)
    expect(await drive.post("x", options).json()).toEqual({ ok: true })
    const [first, second] = api.asked as [Asked, Asked]
    expect(second.body).toBe(first.body)
    expect(first.body === "").toBe(Object.keys(options).length === 0)
    const { authorization: _first, ...sent } = first.headers
    const { authorization: _second, ...again } = second.headers
    expect(again).toEqual(sent)
    expect(again["transfer-encoding"]).toBeUndefined()
  })

  it("sends a Request's body again", async () => {
    const { drive, api, refused, accessToken } = await setUp()
    refused.add(accessToken)
    await drive(new Request(`${api.origin}/x`, { method: "PUT", body: "text" }))
    expect(api.asked.map(({ method, body }) => [method, body])).toEqual([
      ["PUT", "text"],
      ["PUT", "text"],
    ])
  })

  const streams: ReadonlyArray<readonly [string, () => NonNullable<RequestInit["body"]>]> = [
    ["a ReadableStream", () => new Blob(["stream"]).stream()],
    [
      "an async iterable",
      () =>
        (async function* () {
          yield Buffer.from("stream")
        })() as unknown as NonNullable<RequestInit["body"]>,
    ],
  ]
  test.each(streams)("says that %s was not sent again, and has a fresh token ready", async (_, body) => {
    const { drive, api, refused, accessToken, server } = await setUp()
    refused.add(accessToken)
    const error = await rejection(drive.post("x", { body: body() }))
    expect(error).toBeInstanceOf(HTTPError)
    expect(error).toMatchObject({
      message: expect.stringContaining(
        "401 Unauthorized (not sent again with a fresh token, since the body is a stream",
      ),
      data: "who?",
    })
    expect(api.asked).toMatchObject([{ body: "stream", token: accessToken }])
    const response = await drive.post("x", { body: body(), throwHttpErrors: false })
    expect(response.status).toBe(200)
    expect(refreshes(server)).toBe(1)
  })
})

describe("another origin never sees the token", () => {
  it("not by an absolute URL, a Request, another prefix, or another scheme's port", async () => {
    const { drive, api, session } = await setUp()
    const other = await Api.listen()
    await drive.get(new URL(other.origin))
    await drive(new Request(`${other.origin}/request`))
    await drive.get("x", { prefix: other.origin })
    await drive.extend({ prefix: other.origin }).get("x")
    await drive.create({ prefix: other.origin }).get("x")
    await drive.get(new URL(api.otherOrigin), { throwHttpErrors: false })
    await session.ky().get(new URL(other.origin))
    expect(other.asked).toHaveLength(6)
    expect([...other.tokens, ...api.tokens]).toEqual(Array.from({ length: 7 }, () => undefined))
  })

  it("but those that `origins` lists do", async () => {
    const { session, api, accessToken } = await setUp()
    const other = await Api.listen()
    await session.ky({ prefix: api.origin, origins: [other.origin] }).get(new URL(other.origin))
    expect(other.tokens).toEqual([accessToken])
  })

  const redirectTo = (status: number, location: string) => ({ status, headers: { location } })

  test.each([301, 302, 303, 307, 308])("a redirect with %i is followed without it", async (status) => {
    const { drive, api, accessToken } = await setUp()
    const other = await Api.listen()
    api.respond(() => redirectTo(status, `${other.origin}/there`))
    const response = await drive.get("x", { headers: { cookie: "a=b", "x-own": "1" } })
    expect([response.url, response.redirected]).toEqual([`${other.origin}/there`, true])
    expect(api.tokens).toEqual([accessToken])
    expect(other.asked).toMatchObject([{ method: "GET", token: undefined, headers: { "x-own": "1" } }])
    expect(other.asked[0]?.headers.cookie).toBeUndefined()
  })

  test.each([307, 308])("a POST is redirected with %i, with its body and without it", async (status) => {
    const { drive, api } = await setUp()
    const other = await Api.listen()
    api.respond(() => redirectTo(status, `${other.origin}/there`))
    await drive.post("x", { json: { a: 1 } })
    expect(other.asked).toMatchObject([
      {
        method: "POST",
        token: undefined,
        body: '{"a":1}',
        headers: { "content-type": "application/json", "content-length": "7" },
      },
    ])
  })

  test.each([301, 302, 303])(
    "a POST that is redirected with %i becomes a GET without a body",
    async (status) => {
      const { drive, api } = await setUp()
      const other = await Api.listen()
      api.respond(() => redirectTo(status, `${other.origin}/there`))
      await drive.post("x", { json: { a: 1 } })
      expect(other.asked).toMatchObject([{ method: "GET", token: undefined, body: "" }])
      expect(other.asked[0]?.headers["content-type"]).toBeUndefined()
    },
  )

  it("nor does the first one again, if the other redirects back", async () => {
    const { drive, api, accessToken } = await setUp()
    const other = await Api.listen(() => redirectTo(302, `${api.origin}/back`))
    api.respond(({ path }) =>
      path === "/x" ? redirectTo(302, `${other.origin}/there`) : { body: '{"back":true}' },
    )
    expect(await drive.get("x").json()).toEqual({ back: true })
    expect(api.tokens).toEqual([accessToken, undefined])
    expect(other.tokens).toEqual([undefined])
  })

  it("nor one of the same host with another name or scheme", async () => {
    const { drive, api, accessToken } = await setUp()
    api.respond(({ path }) => (path === "/x" ? redirectTo(307, `${api.otherOrigin}/y`) : {}))
    await drive.post("x", { body: "text" })
    expect(api.tokens).toEqual([accessToken, undefined])
  })

  it("nor the same host without encryption", async () => {
    const { session, accessToken } = await setUp()
    const asked: string[] = []
    const drive = session.ky({
      prefix: "https://api.example",
      fetch: async (input) => {
        const { url, headers } = new Request(input)
        asked.push(`${url} ${headers.get("authorization")}`)
        return url.startsWith("https:")
          ? new Response(null, { status: 308, headers: { location: "http://api.example/x" } })
          : new Response("{}")
      },
    })
    await drive.get("x")
    expect(asked).toEqual([`https://api.example/x Bearer ${accessToken}`, "http://api.example/x null"])
  })

  it("a redirect that stays keeps it, and its body", async () => {
    const { drive, api, accessToken } = await setUp()
    api.respond(({ path }) => (path === "/a/x" ? redirectTo(307, "../b?c=d") : { body: '{"ok":true}' }))
    expect(await drive.post("a/x", { body: "text" }).json()).toEqual({ ok: true })
    expect(api.asked).toMatchObject([
      { method: "POST", path: "/a/x", token: accessToken, body: "text" },
      { method: "POST", path: "/b?c=d", token: accessToken, body: "text" },
    ])
  })

  it("is marked as redirected, and only then", async () => {
    const { drive, api } = await setUp()
    api.respond(({ path }) => (path === "/x" ? redirectTo(302, "/y") : { body: "{}" }))
    expect((await drive.get("x")).redirected).toBe(true)
    expect((await drive.get("y")).redirected).toBe(false)
  })

  test.each([200, 201, 202, 300, 304, 305, 306, 404])(
    "a Location header with status %i is not followed",
    async (status) => {
      const { drive, api } = await setUp()
      api.respond(({ path }) => (path === "/x" ? redirectTo(status, "/y") : { body: "{}" }))
      const response = await drive.post("x", { body: "text", throwHttpErrors: false })
      expect([response.status, response.headers.get("location"), response.redirected]).toEqual([
        status,
        "/y",
        false,
      ])
      expect(api.asked).toHaveLength(1)
    },
  )

  it("a redirect without a Location is the response", async () => {
    const { drive, api } = await setUp()
    api.respond(() => ({ status: 302 }))
    expect((await drive.get("x", { throwHttpErrors: false })).status).toBe(302)
    expect(api.asked).toHaveLength(1)
  })

  it("a 401 behind a redirect sends that request again, not the first one", async () => {
    const { drive, api, refused, accessToken } = await setUp()
    refused.add(accessToken)
    api.respond(({ path, token }) => {
      if (path === "/x") return redirectTo(303, "/y")
      return refused.has(token) ? { status: 401 } : { body: '{"ok":true}' }
    })
    expect(await drive.post("x", { body: "text" }).json()).toEqual({ ok: true })
    expect(api.asked.map(({ method, path }) => `${method} ${path}`)).toEqual(["POST /x", "GET /y", "GET /y"])
  })

  it("a 401 of another origin causes no refresh", async () => {
    const { drive, api, server } = await setUp()
    const other = await Api.listen(() => ({ status: 401 }))
    api.respond(() => redirectTo(302, other.origin))
    expect(await rejection(drive.get("x"))).toBeInstanceOf(HTTPError)
    expect(other.asked).toHaveLength(1)
    expect(refreshes(server)).toBe(0)
  })

  test.each([
    ["a loop", "/x", "there are too many"],
    ["a file", "file:///etc/passwd", "its location is no http: URL"],
    ["data", "data:text/plain,x", "its location is no http: URL"],
    ["a password", "http://user:password@127.0.0.1/", "its location has a password"],
    ["nonsense", "http://[", "its location is no http: URL"],
  ])("a redirect to %s is a network error", async (_, location, problem) => {
    const { drive, api } = await setUp()
    api.respond(() => redirectTo(302, location))
    const error = await rejection(drive.get("x", { retry: 0 }))
    expect(error).toBeInstanceOf(NetworkError)
    expect(inspect(error)).toContain(`The redirect was not followed: ${problem}.`)
    expect(api.asked.length).toBe(location === "/x" ? 21 : 1)
  })

  it("a stream cannot follow a redirect that requires the body again", async () => {
    const { drive, api } = await setUp()
    const other = await Api.listen()
    api.respond(() => redirectTo(307, other.origin))
    const error = await rejection(drive.post("x", { body: new Blob(["stream"]).stream() }))
    expect(inspect(error)).toContain("a stream can be read only once")
    expect(other.asked).toEqual([])
  })

  it('`redirect: "manual"` and "error" stay as they are', async () => {
    const { drive, api } = await setUp()
    const other = await Api.listen()
    api.respond(() => redirectTo(302, other.origin))
    const response = await drive.get("x", { redirect: "manual", throwHttpErrors: false })
    expect([response.status, response.headers.get("location")]).toEqual([302, other.origin])
    expect(await rejection(drive.get("x", { redirect: "error", retry: 0 }))).toBeInstanceOf(NetworkError)
    expect(other.asked).toEqual([])
  })
})

describe("ky's own features work", () => {
  it("GET is retried after a 503, and POST is not", async () => {
    const { drive, api, accessToken } = await setUp()
    const retry = { delay: () => 1 }
    api.respond(() => (api.asked.length === 1 ? { status: 503 } : { body: '{"ok":true}' }))
    expect(await drive.get("x", { retry }).json()).toEqual({ ok: true })
    expect(api.tokens).toEqual([accessToken, accessToken])
    api.respond(() => ({ status: 503 }))
    await rejection(drive.post("x", { retry }))
    expect(api.asked).toHaveLength(3)
  })

  it("hooks see every call, and none the token", async () => {
    const { session, api, refused, accessToken } = await setUp()
    refused.add(accessToken)
    const seen: string[] = []
    const note =
      (name: string) =>
      ({ request }: { readonly request: Request }): void => {
        seen.push(`${name} ${request.headers.get("authorization")}`)
      }
    const drive = session.ky({
      prefix: api.origin,
      hooks: { beforeRequest: [note("before")], afterResponse: [note("after")] },
    })
    await drive.get("x")
    expect(seen).toEqual(["before null", "after null"])
  })

  it("extend, create, hooks and a custom fetch keep the token", async () => {
    const { drive, api, accessToken } = await setUp()
    let called = 0
    const own = (input: string | URL | Request, init?: RequestInit) => {
      called++
      return fetch(input, init)
    }
    const instances = [
      drive.extend({ headers: { "x-a": "1" } }),
      drive.extend((parent) => ({ ...parent })),
      drive.extend({ fetch: own }),
      drive.extend({ hooks: replaceOption({}) }),
      drive.create({ prefix: api.origin }),
      drive.create({ prefix: api.origin, fetch: own }).extend({ retry: 0 }),
      drive.extend({ hooks: { init: [(options) => Object.assign(options, { fetch: own })] } }),
    ]
    for (const instance of instances) await instance.get("x")
    await drive("x", { fetch: own })
    await drive.get("x", { hooks: replaceOption({ init: [] }) })
    expect(api.tokens).toEqual(Array.from({ length: 9 }, () => accessToken))
    expect(called).toBe(4)
  })

  it("every method exists", async () => {
    const { drive, api } = await setUp()
    for (const method of ["get", "post", "put", "patch", "head", "delete"] as const) await drive[method]("x")
    expect(api.asked.map(({ method }) => method)).toEqual(["GET", "POST", "PUT", "PATCH", "HEAD", "DELETE"])
    expect([drive.stop, drive.retry]).toEqual([ky.stop, ky.retry])
  })

  it("a signal ends the call while it waits for the API, and while it waits for a token", async () => {
    const { drive, api, server, session } = await setUp()
    const controller = new AbortController()
    api.respond(() => {
      controller.abort(new Error("enough"))
      return undefined
    })
    expect(await rejection(drive.get("x", { signal: controller.signal }))).toMatchObject({
      message: "enough",
    })

    const asked = api.asked.length
    server.clock.advance("2 hours")
    const barrier = server.faults.hold(1)
    const second = new AbortController()
    const call = rejection(drive.get("x", { signal: second.signal }))
    await barrier.full
    second.abort(new Error("enough"))
    expect(await call).toMatchObject({ message: "enough" })
    expect(api.asked).toHaveLength(asked)
    barrier.release()
    expect(await session.getAccessToken()).toBeTypeOf("string")
    expect(refreshes(server)).toBe(1)
  })

  it("the timeout ends the call", async () => {
    const { drive, api } = await setUp()
    api.respond(() => undefined)
    expect(await rejection(drive.get("x", { timeout: 50 }))).toBeInstanceOf(TimeoutError)
  })
})

describe("no error shows the token", () => {
  const everything = (error: unknown) =>
    [
      inspect(error, { depth: null, showHidden: true, getters: true }),
      JSON.stringify(error),
      String(error),
      error instanceof Error ? error.stack : "",
      inspect(error instanceof Error ? error.cause : "", { depth: null, showHidden: true }),
    ].join("\n")

  const failures: ReadonlyArray<readonly [string, Respond]> = [
    ["HTTPError", () => ({ status: 403, body: "no" })],
    ["HTTPError after the retry", () => ({ status: 401, body: "no" })],
    [
      "HTTPError behind a redirect",
      ({ path }) => (path === "/y" ? { status: 500 } : { status: 302, headers: { location: "/y" } }),
    ],
    ["TimeoutError", () => undefined],
    [
      "NetworkError",
      (_, response) => {
        response.destroy()
        return undefined
      },
    ],
  ]

  test.each(failures)("%s", async (name, respond) => {
    const server = await listening({ seed: "canary" })
    const { session, accessToken } = await logIn(server)
    const api = await Api.listen(respond)
    const drive = session.ky({
      prefix: api.origin,
      retry: 0,
      timeout: name === "TimeoutError" ? 300 : 20_000,
    })
    const error = await rejection(drive.post("x", { json: { a: 1 } }))
    expect(error).toMatchObject({ name: name.split(" ")[0] })
    // It was sent, so that there was something to show.
    expect(api.tokens[0]).toBe(accessToken)
    const printed = everything(error)
    for (const token of api.tokens) expect(printed).not.toContain(token ?? "Bearer")
    expect(printed).not.toContain("Bearer")
  })
})

describe("session.fetch", () => {
  const setUpFetch = async (options: Partial<TokenClientOptions> = {}) => {
    const server = await listening()
    const { api, refused } = await apiThatRefuses()
    const user = await logIn(server, { apiOrigins: [api.origin], ...options })
    return { server, api, refused, ...user }
  }

  it("sends the whole request with the token, whether it is a URL or a Request", async () => {
    const { session, api, accessToken } = await setUpFetch()
    const init = { method: "PUT", headers: { "x-own": "1", "content-type": "text/x" }, body: "text" }
    const inputs = [`${api.origin}/x`, new URL(`${api.origin}/x`)]
    for (const input of inputs) await session.fetch(input, init)
    await session.fetch(new Request(`${api.origin}/x`, init))
    await session.fetch(new Request(`${api.origin}/x`), init)
    expect(api.asked).toHaveLength(4)
    for (const asked of api.asked) {
      expect(asked).toMatchObject({ method: "PUT", path: "/x", token: accessToken, body: "text" })
      expect(asked.headers).toMatchObject({ "x-own": "1", "content-type": "text/x" })
    }
  })

  it("is a GET without options, and can be taken from its session", async () => {
    const { session, api, accessToken } = await setUpFetch()
    const { fetch } = session
    expect(await (await fetch(`${api.origin}/x`)).json()).toEqual({ ok: true })
    expect(api.asked).toMatchObject([{ method: "GET", token: accessToken, body: "" }])
  })

  it("reads its input at the call", async () => {
    const { session, api } = await setUpFetch()
    const headers = new Headers({ "x-own": "before" })
    const call = session.fetch(`${api.origin}/x`, { headers })
    headers.set("x-own", "after")
    await call
    expect(api.asked).toMatchObject([{ headers: { "x-own": "before" } }])
  })

  it("keeps the token from other origins, also after a redirect", async () => {
    const { session, api, accessToken } = await setUpFetch()
    const other = await Api.listen()
    await session.fetch(`${other.origin}/x`)
    api.respond(() => ({ status: 302, headers: { location: other.origin } }))
    await session.fetch(`${api.origin}/x`)
    expect(other.tokens).toEqual([undefined, undefined])
    expect(api.tokens).toEqual([accessToken])
  })

  it("without apiOrigins gives the token to the origin of the token endpoint alone", async () => {
    const { session, api, server } = await setUpFetch({ apiOrigins: undefined })
    expect((await session.fetch(`${server.url}/account`)).status).toBe(200)
    await session.fetch(`${api.origin}/x`)
    expect(api.tokens).toEqual([undefined])
  })

  it("after a 401 sends the request once more with a fresh token", async () => {
    const { session, api, refused, accessToken, server } = await setUpFetch()
    refused.add(accessToken)
    const init = { method: "POST", headers: { "x-own": "1" }, body: "text" }
    expect((await session.fetch(`${api.origin}/x`, init)).status).toBe(200)
    expect(api.asked).toMatchObject([
      { method: "POST", body: "text", token: accessToken, headers: { "x-own": "1" } },
      { method: "POST", body: "text", token: await session.getAccessToken(), headers: { "x-own": "1" } },
    ])
    expect(refreshes(server)).toBe(1)
  })

  it("returns the 401 if the body is a stream", async () => {
    const { session, api, refused, accessToken } = await setUpFetch()
    refused.add(accessToken)
    const body = new Blob(["stream"]).stream()
    const response = await session.fetch(`${api.origin}/x`, { method: "POST", body, duplex: "half" } as never)
    expect(response.status).toBe(401)
    expect(api.asked).toMatchObject([{ body: "stream", token: accessToken }])
  })

  it("ends when its signal is aborted, and then sends nothing", async () => {
    const { session, api } = await setUpFetch()
    const signal = AbortSignal.abort(new Error("enough"))
    expect(await rejection(session.fetch(`${api.origin}/x`, { signal }))).toEqual(new Error("enough"))
    expect(api.asked).toEqual([])
  })

  it("rejects for a URL that is not absolute", async () => {
    const { session } = await setUpFetch()
    expect(await rejection(session.fetch("/x"))).toBeInstanceOf(TypeError)
  })

  it("gives the fetch of the options plain values, and the options that a Request does not have", async () => {
    const calls: unknown[] = []
    const dispatcher = { kind: "proxy" }
    const { session, accessToken, server } = await setUpFetch({
      fetch: async (url, init) => {
        if (url.endsWith("/oauth/token")) return fetch(url, init)
        const { signal, body, ...plain } = init as unknown as RequestInit
        const text = body === undefined ? undefined : new TextDecoder().decode(body as ArrayBuffer)
        calls.push({ url, ...plain, hasSignal: signal instanceof AbortSignal, text })
        return new Response("{}")
      },
    })
    const url = `${server.url}/account`
    await session.fetch(url, { apiOrigins: undefined } as never)
    const own = { method: "POST", body: "text", headers: { "x-own": "1" }, dispatcher }
    await session.fetch(url, { ...own, redirect: "manual" } as never)
    expect(calls).toEqual([
      expect.objectContaining({ url, method: "GET", hasSignal: true, text: undefined }),
      expect.objectContaining({
        url,
        method: "POST",
        hasSignal: true,
        text: "text",
        dispatcher,
        redirect: "manual",
        headers: expect.objectContaining({ "x-own": "1" }),
      }),
    ])
    expect(accessToken).toBeTypeOf("string")
  })

  it("lets the fetch of the options follow no redirect, since it would send the token along", async () => {
    const calls: unknown[] = []
    const { session, api, accessToken } = await setUpFetch({
      fetch: async (url, init) => {
        if (url.endsWith("/oauth/token")) return fetch(url, init)
        calls.push([new URL(url).pathname, init.redirect, init.headers["authorization"]])
        return calls.length > 1
          ? new Response()
          : new Response(null, { status: 302, headers: { location: "/next" } })
      },
    })
    await session.fetch(`${api.origin}/x`)
    expect(calls).toEqual([
      ["/x", "manual", `Bearer ${accessToken}`],
      ["/next", "manual", `Bearer ${accessToken}`],
    ])
  })
})

describe("the request after a redirect", () => {
  const base = "https://api.example/a/b?c#part"
  const follow = (status: number, location: string, init: RequestInit = {}) => {
    const request = new Request(base, init)
    const response = new Response(null, { status, headers: { location } })
    return redirectedRequest(request, response, request.clone())
  }

  test.each([
    ["https://other.example/x", "https://other.example/x#part"],
    ["http://other.example/x", "http://other.example/x#part"],
    ["/x", "https://api.example/x#part"],
    ["x", "https://api.example/a/x#part"],
    ["/x#own", "https://api.example/x#own"],
  ])("to %s is for %s", async (location, url) => {
    expect((await follow(302, location))?.url).toBe(url)
  })

  test.each([
    [301, "GET", "GET"],
    [301, "HEAD", "HEAD"],
    [301, "POST", "GET"],
    [301, "PUT", "PUT"],
    [302, "POST", "GET"],
    [302, "DELETE", "DELETE"],
    [303, "GET", "GET"],
    [303, "HEAD", "HEAD"],
    [303, "POST", "GET"],
    [303, "PUT", "GET"],
    [307, "POST", "POST"],
    [308, "POST", "POST"],
    [308, "PUT", "PUT"],
  ])("%i after a %s is a %s", async (status, method, next) => {
    const hasBody = ["POST", "PUT"].includes(method)
    const about = {
      "content-encoding": "x",
      "content-language": "nl",
      "content-location": "/x",
      "content-type": "text/x",
    }
    const headers = { ...about, "x-own": "1" }
    const request = await follow(
      status,
      "/x",
      hasBody ? { method, headers, body: "text" } : { method, headers },
    )
    expect(request?.method).toBe(next)
    const isChanged = method !== next
    expect(Object.fromEntries(request?.headers ?? [])).toEqual({ "x-own": "1", ...(isChanged ? {} : about) })
    expect(await request?.text()).toBe(hasBody && !isChanged ? "text" : "")
  })

  test("keeps its signal, and has the credentials only for the same origin", async () => {
    const controller = new AbortController()
    const secret = { authorization: "Bearer x", cookie: "a=b", "proxy-authorization": "y", "x-own": "1" }
    const init = { headers: secret, signal: controller.signal, integrity: "sha256-x" }
    const same = await follow(302, "/x", init)
    const other = await follow(302, "https://other.example/x", init)
    expect(Object.fromEntries(same?.headers ?? [])).toEqual(secret)
    expect(Object.fromEntries(other?.headers ?? [])).toEqual({ "x-own": "1" })
    expect([same?.integrity, other?.integrity]).toEqual(["sha256-x", "sha256-x"])
    controller.abort()
    expect([same?.signal.aborted, other?.signal.aborted]).toEqual([true, true])
  })

  test.each(["https://user@other.example/", "https://:password@other.example/"])(
    "is refused for %s",
    async (location) => {
      const error = await rejection(follow(302, location))
      expect(error).toMatchObject({ name: "TypeError", message: "fetch failed" })
      expect(inspect(error)).toContain("The redirect was not followed: its location has a password.")
    },
  )
})

describe("bad options", () => {
  test.each([
    ["https://api.example/v3", "https://api.example"],
    [new URL("https://api.example/v3"), "https://api.example"],
    ["http://localhost:3000/v3", "http://localhost:3000"],
    ["http://drive.lan/api", "http://drive.lan"],
  ])("the origin of %s is %s", (value, origin) => {
    expect(requireApiOrigin("prefix", value, "http://drive.lan")).toBe(origin)
  })

  test.each([
    ["api.example", "an absolute https: URL without a password"],
    [undefined, "an absolute https: URL without a password"],
    [7, "an absolute https: URL without a password"],
    ["https://user@api.example", "an absolute https: URL without a password"],
    ["https://:secret@api.example", "an absolute https: URL without a password"],
    [
      "http://other.lan",
      "an https: URL, since others on the network could read the token (http: only on a loopback address)",
    ],
    [
      "ftp://localhost",
      "an https: URL, since others on the network could read the token (http: only on a loopback address)",
    ],
  ])("the error for the origin %s says what is expected", (value, expected) => {
    expect(() => requireApiOrigin("prefix", value, "http://drive.lan")).toThrow(
      `Option "prefix" must be ${expected}, got `,
    )
  })

  test("the errors for a list of origins, and for options that are none, say what is expected", async () => {
    const session = clientFor(await listening()).session()
    expect(() => session.ky({ origins: "https://x.example" as never })).toThrow(
      'Option "origins" must be an array of origins, got ',
    )
    expect(() => session.ky(null as never)).toThrow(
      'Option "options" must be an object with options of ky, got null',
    )
    expect(() => session.ky("x" as never)).toThrow('Option "options" must be an object with options of ky')
  })

  test.each([
    ["/oauth/token", true],
    ["/v3/oauth/token", true],
    ["/oauth/tokens", false],
    ["/oauth/token/", false],
    ["/v3/oauth-token", false],
  ])("a token endpoint at %s shows where the API is: %s", async (path, isKnown) => {
    const client = clientFor(await listening(), {
      server: rfc6749({
        authorizationEndpoint: "https://as.example/authorize",
        tokenEndpoint: `https://as.example${path}`,
      }),
    })
    const ask = () => client.session().ky()
    if (isKnown) expect(ask).not.toThrow()
    else expect(ask).toThrow('Option "prefix" must be the URL that the API\'s paths begin with, got missing')
  })

  test.each([
    [{ prefix: "not a url" }, "prefix"],
    [{ prefix: "/api" }, "prefix"],
    [{ prefix: "https://user:secret@api.example" }, "prefix"],
    [{ prefix: "https://:secret@api.example" }, "prefix"],
    [{ prefix: "http://api.example" }, "prefix"],
    [{ prefix: "http://127.0.0.1.evil.example" }, "prefix"],
    [{ prefix: "http://localhost.evil.example" }, "prefix"],
    [{ prefix: "http://evil-localhost" }, "prefix"],
    [{ baseUrl: "http://127.0.0.1.evil.example" }, "baseUrl"],
    [{ origins: ["http://127.0.0.1.evil.example"] }, "origins[0]"],
    [{ baseUrl: "http://api.example" }, "baseUrl"],
    [{ origins: ["https://ok.example", "ftp://x.example"] }, "origins[1]"],
    [{ origins: "https://x.example" }, "origins"],
    [null, "options"],
  ])("%j", async (options, option) => {
    const { client } = await logIn(await listening())
    let error: unknown
    try {
      client.session().ky(options as never)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error).toMatchObject({ option })
    expect(inspect(error)).not.toContain("secret")
  })

  it("a server with an unknown API requires a prefix", async () => {
    const server = await listening()
    const client = clientFor(server, {
      server: rfc6749({
        authorizationEndpoint: `${server.url}/authorize`,
        tokenEndpoint: `${server.url}/token`,
      }),
    })
    expect(() => client.session().ky()).toThrow(/Option "prefix" must be .*, got missing/)
    expect(() => client.session().ky({ baseUrl: "https://api.example" })).not.toThrow()
  })
})
