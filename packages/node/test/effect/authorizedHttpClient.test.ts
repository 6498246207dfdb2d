// `HttpClient` with a session's token: who gets it, what a 401 does, and where it must not be seen.
import { inspect } from "node:util"
import { type RefreshError, TokenClient, TokenStore } from "@ellipsis-oauth/core"
import { createMockServer } from "@ellipsis-oauth/mock-server"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { expect, test } from "vitest"
import { authorizedHttpClient, httpClientTransportLayer, nodeCryptoLayer } from "../../src/effect/index.js"
import { withoutToken } from "../../src/effect/withoutToken.js"
import { ellipsisDrive } from "../../src/index.js"

const api = "https://api.example.com"

type Reply = Response | "reset"

/** A program with a signed-in session; the API gives the responses in order, and keeps the requests. */
const withApi = <A, E>(
  replies: readonly Reply[],
  use: (parts: {
    readonly drive: HttpClient.HttpClient.With<RefreshError | HttpClientError.HttpClientError>
    readonly plain: HttpClient.HttpClient
    readonly session: Parameters<typeof authorizedHttpClient>[0]
    readonly sent: HttpClientRequest.HttpClientRequest[]
    readonly tokens: string[]
  }) => Effect.Effect<A, E>,
) => {
  const server = createMockServer({ rotation: "always" })
  const sent: HttpClientRequest.HttpClientRequest[] = []
  const tokens: string[] = []
  const plain = HttpClient.make((request, url, signal) =>
    Effect.gen(function* () {
      if (url.href.startsWith(server.url)) {
        const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""
        const init = { method: request.method, headers: request.headers, body, signal }
        const response = yield* Effect.promise(() => server.fetch(url.href, init))
        return HttpClientResponse.fromWeb(request, response)
      }
      sent.push(request)
      tokens.push(request.headers["authorization"]?.replace("Bearer ", "") ?? "none")
      const reply = replies[sent.length - 1] ?? new Response("ok")
      if (reply === "reset") {
        const reason = new HttpClientError.TransportError({ request, cause: new Error("reset") })
        return yield* Effect.fail(new HttpClientError.HttpClientError({ reason }))
      }
      return HttpClientResponse.fromWeb(request, reply)
    }),
  )
  const program = Effect.gen(function* () {
    const client = yield* TokenClient
    const session = yield* client.session()
    const { url, transaction } = yield* client.createAuthorizationRequest()
    const redirect = yield* Effect.promise(() => server.fetch(url, { redirect: "manual" }))
    yield* session.completeAuthorization(redirect.headers.get("location") ?? "", transaction)
    const drive = plain.pipe(authorizedHttpClient(session, { apiOrigins: [`${api}/v3/`] }))
    return yield* use({ drive, plain, session, sent, tokens })
  })
  const TokenClientLive = TokenClient.layer({
    server: ellipsisDrive({ baseUrl: server.url }),
    clientId: "demo-app",
    clientSecret: "demo-secret",
    redirectUri: "http://localhost:3000/callback",
  }).pipe(
    Layer.provide([httpClientTransportLayer, nodeCryptoLayer, TokenStore.memory]),
    Layer.provide(Layer.succeed(HttpClient.HttpClient, plain)),
  )
  return Effect.runPromise(Effect.provide(program, TokenClientLive))
}

/** Everything that a program can print. */
const printed = (value: unknown) =>
  [inspect(value, { depth: 20, showHidden: true }), String(value), JSON.stringify(value)].join("\n")

test("the token goes to the API's origins, unless the request has an Authorization header", async () => {
  await withApi([], ({ drive, tokens }) =>
    Effect.gen(function* () {
      yield* drive.get(`${api}/v3/account`)
      yield* drive.get("https://tiles.example.com/1/2/3")
      yield* drive.get("http://api.example.com/v3/account")
      yield* drive.get(`${api}/v3/account`, { headers: { authorization: "Bearer own" } })
      expect(tokens.slice(1)).toEqual(["none", "none", "own"])
      expect(tokens[0]).toMatch(/^[\w-]{20,}$/)
    }),
  )
})

test("a 401 gets a fresh token, once", async () => {
  const refused = () => new Response("no", { status: 401 })
  await withApi([refused(), new Response("ok"), refused(), refused()], ({ drive, tokens }) =>
    Effect.gen(function* () {
      expect(yield* (yield* drive.post(`${api}/v3/path`, { body: undefined })).text).toBe("ok")
      expect(tokens).toHaveLength(2)
      expect(tokens[0]).not.toBe(tokens[1])
      expect((yield* drive.get(`${api}/v3/account`)).status).toBe(401)
    }),
  )
})

test("a stream is not sent again", async () => {
  await withApi([new Response("no", { status: 401 })], ({ drive, tokens }) =>
    Effect.gen(function* () {
      const body = Stream.make(new TextEncoder().encode("bytes"))
      const request = HttpClientRequest.post(`${api}/v3/path`).pipe(HttpClientRequest.bodyStream(body))
      expect((yield* drive.execute(request)).status).toBe(401)
      expect(tokens).toHaveLength(1)
    }),
  )
})

test("neither errors nor responses contain the token", async () => {
  const replies = [
    "reset" as const,
    new Response("{", { status: 200 }),
    new Response("gone", { status: 404 }),
  ]
  await withApi(replies, ({ drive, tokens }) =>
    Effect.gen(function* () {
      const network = yield* Effect.flip(drive.get(`${api}/v3/account`))
      const response = yield* drive.get(`${api}/v3/account`)
      const decoding = yield* Effect.flip(response.json)
      const status = yield* Effect.flip(HttpClient.filterStatusOk(drive).get(`${api}/v3/account`))
      const shown = [network, response, decoding, status].map(printed)
      expect(tokens).toHaveLength(3)
      for (const text of shown) {
        for (const token of tokens) expect(text).not.toContain(token)
      }
      expect(decoding.request.headers).not.toHaveProperty("authorization")
      expect(response.request.url).toBe(`${api}/v3/account`)
      expect(
        [network, status].map((error) => (error as HttpClientError.HttpClientError).reason._tag),
      ).toEqual(["TransportError", "StatusCodeError"])
    }),
  )
})

test("the body can still be read in each way", async () => {
  const json = () => new Response('{"a":1}', { headers: { "content-type": "application/json" } })
  await withApi([json(), json(), json()], ({ drive }) =>
    Effect.gen(function* () {
      expect(yield* (yield* drive.get(api)).json).toEqual({ a: 1 })
      expect(new Uint8Array(yield* (yield* drive.get(api)).arrayBuffer)).toHaveLength(7)
      const response = yield* drive.get(api)
      expect(response.headers["content-type"]).toBe("application/json")
      expect(yield* Stream.mkString(Stream.decodeText(response.stream))).toBe('{"a":1}')
    }),
  )
})

test.each(["json", "text", "urlParamsBody", "formData", "arrayBuffer", "stream"] as const)(
  "a body that cannot be read as %s gives an error with the caller's request",
  async (name) => {
    const broken = new ReadableStream({ start: (controller) => controller.error(new Error("cut off")) })
    await withApi([new Response(broken)], ({ drive, tokens }) =>
      Effect.gen(function* () {
        const response = yield* drive.get(`${api}/v3/account`, { headers: { "x-own": "1" } })
        const read: Effect.Effect<unknown, HttpClientError.HttpClientError> =
          name === "stream" ? Stream.runDrain(response.stream) : response[name]
        const error = yield* Effect.flip(read)
        expect(HttpClientError.isHttpClientError(error)).toBe(true)
        expect(error.request.headers).toEqual({ "x-own": "1" })
        expect(tokens).toHaveLength(1)
        expect(printed(error)).not.toContain(tokens[0])
      }),
    )
  },
)

const { TransportError, EncodeError, InvalidUrlError } = HttpClientError

test.each(Object.entries({ TransportError, EncodeError, InvalidUrlError }))(
  "a %s keeps its cause and its description, and has the caller's request",
  async (tag, Reason) => {
    const request = HttpClientRequest.get(api)
    const sent = HttpClientRequest.bearerToken(request, "token-of-the-session")
    const cause = new Error("why")
    const through = async (told: object) => {
      const reason = new Reason({ request: sent, ...told })
      const error = new HttpClientError.HttpClientError({ reason })
      const failed = Effect.fail(error) as Effect.Effect<HttpClientResponse.HttpClientResponse, typeof error>
      return (await Effect.runPromise(Effect.flip(withoutToken(request)(failed)))).reason
    }
    const full = await through({ cause, description: "what" })
    expect(full).toMatchObject({ _tag: tag, cause, description: "what" })
    expect(full.request).toBe(request)
    const bare = await through({})
    expect(bare._tag).toBe(tag)
    expect(bare).not.toHaveProperty("cause")
    expect(bare).not.toHaveProperty("description")
  },
)

const { StatusCodeError, DecodeError, EmptyBodyError } = HttpClientError

test.each(Object.entries({ StatusCodeError, DecodeError, EmptyBodyError }))(
  "a %s has a response with the caller's request",
  async (tag, Reason) => {
    const request = HttpClientRequest.get(api)
    const sent = HttpClientRequest.bearerToken(request, "token-of-the-session")
    const response = HttpClientResponse.fromWeb(sent, new Response("gone", { status: 404 }))
    const reason = new Reason({ request: sent, response, description: "what" })
    const error = new HttpClientError.HttpClientError({ reason })
    const failed = Effect.fail(error) as Effect.Effect<HttpClientResponse.HttpClientResponse, typeof error>
    const shown = (await Effect.runPromise(Effect.flip(withoutToken(request)(failed)))).reason
    expect(shown).toMatchObject({ _tag: tag, description: "what", response: { status: 404 } })
    expect("response" in shown && shown.response.request).toBe(request)
  },
)

test("an error that is not of the HTTP client stays as it is", async () => {
  const error = new Error("own")
  const failed = Effect.fail(error) as Effect.Effect<HttpClientResponse.HttpClientResponse, Error>
  const shown = await Effect.runPromise(Effect.flip(withoutToken(HttpClientRequest.get(api))(failed)))
  expect(shown).toBe(error)
})

test.each([undefined, {}, { apiOrigins: [7] }])(
  "the error for options %j says what is expected",
  async (options) => {
    await withApi([], ({ plain, session }) =>
      Effect.gen(function* () {
        const drive = plain.pipe(authorizedHttpClient(session, options as never))
        const error = yield* Effect.flip(drive.get(`${api}/v3/account`))
        expect(error.message).toContain(
          'Option "apiOrigins" must be a list of absolute http: or https: URLs, got ',
        )
      }),
    )
  },
)

test.each([
  undefined,
  "https://api.example.com",
  ["/v3"],
  ["api.example.com"],
  [42],
  ["ftp://api.example.com"],
])("apiOrigins %o is a typed failure of the call", async (apiOrigins) => {
  await withApi([], ({ plain, session, sent }) =>
    Effect.gen(function* () {
      const drive = plain.pipe(authorizedHttpClient(session, { apiOrigins: apiOrigins as never }))
      expect(yield* Effect.flip(drive.get(`${api}/v3/account`))).toMatchObject({
        _tag: "ConfigurationError",
        option: "apiOrigins",
      })
      expect(sent).toEqual([])
    }),
  )
})

test("a request is not repeated with the token that the API has just refused", async () => {
  const refusal = () => new Response("no", { status: 401 })
  await withApi([refusal(), refusal(), refusal()], ({ drive, tokens }) =>
    Effect.gen(function* () {
      // The API refuses every token, so the session gets no third one for now.
      for (let call = 0; call < 2; call++) expect((yield* drive.get(`${api}/v3/x`)).status).toBe(401)
      expect(tokens).toHaveLength(3)
      expect(tokens[2]).toBe(tokens[1])
      expect(tokens[1]).not.toBe(tokens[0])
    }),
  )
})
