import { webcrypto } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import { expect, test } from "vitest"
import { TokenClient, TokenStore, Transport, WebCrypto } from "../../src/index.js"
import { transportTo, World } from "../sessions.js"

/** Each span with its parents, the innermost first. */
const path = (span: Tracer.AnySpan): readonly string[] =>
  span._tag === "ExternalSpan"
    ? ["external"]
    : [span.name, ...Option.match(span.parent, { onNone: () => [], onSome: (parent) => path(parent) })]

test("the span of a request is a child of its refresh, or of the effect that sends it; a session has no parent span", async () => {
  const world = new World()
  const spans: Tracer.Span[] = []
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    },
  })
  const paths = () => spans.splice(0).map(path)
  const { send } = transportTo(world.server)

  const program = Effect.gen(function* () {
    const client = yield* TokenClient.make(world.options())
    const session = yield* client.session()
    const { url, transaction } = yield* client.createAuthorizationRequest()
    const response = yield* Effect.promise(() => world.server.fetch(url, { redirect: "manual" }))
    yield* session.completeAuthorization(response.headers.get("location") ?? "", transaction)
    // A login runs for its caller alone.
    expect(paths()).toEqual([
      ["app"],
      ["ellipsis-oauth.requestToken", "app"],
      ["http", "ellipsis-oauth.requestToken", "app"],
    ])
    yield* Effect.withSpan(session.getAccessToken({ force: true }), "caller")
    const [caller, refresh] = spans
    // A refresh runs for everybody: it is linked from the caller that started it.
    expect(refresh?.links.map(({ span }) => span)).toEqual([caller])
    expect(paths()).toEqual([
      ["caller", "app"],
      ["ellipsis-oauth.refreshCredential"],
      ["ellipsis-oauth.requestToken", "ellipsis-oauth.refreshCredential"],
      ["http", "ellipsis-oauth.requestToken", "ellipsis-oauth.refreshCredential"],
    ])
    const refused = yield* Effect.flip(Effect.withSpan(client.refreshToken("unknown"), "mine"))
    expect(refused).toMatchObject({ _tag: "TokenErrorResponse" })
    const [mine, request] = spans
    expect(paths()).toEqual([
      ["mine", "app"],
      ["ellipsis-oauth.requestToken", "mine", "app"],
      ["http", "ellipsis-oauth.requestToken", "mine", "app"],
    ])
    expect(request?.attributes.get("oauth.attempts")).toBe(1)
    for (const span of [mine, request]) {
      expect(span?.status).toMatchObject({ _tag: "Ended", exit: { _tag: "Failure" } })
    }
  })

  await Effect.runPromise(
    program.pipe(
      Effect.withSpan("app"),
      Effect.provideService(Transport, { send: (request) => Effect.withSpan(send(request), "http") }),
      Effect.provide(TokenStore.fromAdapter(world.store)),
      Effect.provide(WebCrypto.layer(webcrypto as never)),
      Effect.provideService(Tracer.Tracer, tracer),
      Effect.scoped,
    ),
  )
})
