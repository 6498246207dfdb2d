import { webcrypto } from "node:crypto"
import * as Effect from "effect/Effect"
import { describe, expect, test } from "vitest"
import {
  makeTokenClient,
  type OpenTelemetryContext,
  type OpenTelemetryTracer,
  openTelemetry,
} from "../../src/promise/index.js"
import type { OpenTelemetryTracing } from "../../src/promise/openTelemetry.js"
import { rejection, World } from "../sessions.js"

const spanKey = Symbol.for("OpenTelemetry Context Key SPAN")

interface Recorded {
  readonly name: string
  readonly kind: number | undefined
  readonly root: boolean | undefined
  readonly parent: string | undefined
  readonly attributes: Record<string, unknown>
  status?: { readonly code: number; readonly message?: string }
  isEnded: boolean
}

/** As much of a tracer as OpenTelemetry's users have. */
const recording = () => {
  const spans: Recorded[] = []
  const contexts: OpenTelemetryContext[] = []
  const tracer: OpenTelemetryTracer = {
    startSpan: (name, options = {}, context) => {
      const parent = context?.getValue(spanKey) as { readonly name: string } | undefined
      const span: Recorded = {
        name,
        kind: options.kind,
        root: options.root,
        parent: parent?.name,
        attributes: {},
        isEnded: false,
      }
      spans.push(span)
      if (context !== undefined) contexts.push(context)
      return Object.assign(
        {
          spanContext: () => ({ traceId: "t", spanId: "s", traceFlags: 1 }),
          setAttribute: (key: string, value: string | number | boolean) => {
            span.attributes[key] = value
          },
          setStatus: (status: { code: number; message?: string }) => {
            span.status = status
          },
          end: () => {
            span.isEnded = true
          },
        },
        { name },
      )
    },
  }
  return { spans, contexts, tracing: openTelemetry(tracer) }
}

const traced = async (tracer?: OpenTelemetryTracer) => {
  const world = new World()
  const { accessToken } = await world.loggedIn({}, "ada")
  const { spans, contexts, tracing: recorded } = recording()
  const tracing = tracer === undefined ? recorded : openTelemetry(tracer)
  const client = makeTokenClient(world.options(), {
    transport: (request, signal) => world.send(request, signal),
    crypto: webcrypto as never,
    store: world.store,
    now: world.now,
    tracer: tracing,
  })
  world.server.clock.advance("2 hours")
  return { world, client, session: client.session("ada"), accessToken, spans, contexts }
}

describe("a tracer of OpenTelemetry", () => {
  test("gets a root span for each refresh, with a child span for its request", async () => {
    const { session, spans, accessToken } = await traced()
    const fresh = await session.getAccessToken()
    expect(
      spans.map(({ name, parent, kind, root, isEnded }) => ({ name, parent, kind, root, isEnded })),
    ).toEqual([
      { name: "ellipsis-oauth.refreshCredential", parent: undefined, kind: 0, root: true, isEnded: true },
      {
        name: "ellipsis-oauth.requestToken",
        parent: "ellipsis-oauth.refreshCredential",
        kind: 2,
        root: undefined,
        isEnded: true,
      },
    ])
    expect(spans[0]?.attributes).toMatchObject({ "ellipsis-oauth.key": "ada" })
    expect(spans[1]?.attributes).toMatchObject({ "oauth.attempts": 1 })
    for (const value of spans.flatMap(({ attributes }) => Object.values(attributes))) {
      expect(["string", "number", "boolean"]).toContain(typeof value)
    }
    expect(spans.map(({ status }) => status)).toEqual([undefined, undefined])
    const printed = JSON.stringify(spans)
    expect([accessToken, fresh, "demo-secret"].filter((secret) => printed.includes(secret))).toEqual([])
  })

  test("gets texts, numbers and truth values as they are, and everything else as a text", async () => {
    const { spans, tracing } = recording()
    const { context } = tracing as OpenTelemetryTracing
    const attributes = { text: "a", count: 3, flag: true, list: [1, 2], nothing: undefined }
    await Effect.runPromiseWith(context)(
      Effect.withSpan(Effect.annotateCurrentSpan(attributes), "work", { kind: "client" }),
    )
    expect(spans).toMatchObject([{ name: "work", kind: 2, isEnded: true }])
    expect(spans[0]?.attributes).toEqual({ ...attributes, list: "1,2", nothing: "undefined" })
  })

  test("gets the error's message after a failure", async () => {
    const { world, session, spans } = await traced()
    world.server.revokeFamily(world.server.families[0]?.id ?? "")
    const error = (await rejection(session.getAccessToken())) as Error
    expect(spans.map(({ name, status, isEnded }) => [name, status?.code, isEnded])).toEqual([
      ["ellipsis-oauth.refreshCredential", 2, true],
      ["ellipsis-oauth.requestToken", 2, true],
    ])
    expect(spans[0]?.status?.message).toBe(error.message)
    expect(spans[1]?.status?.message).toContain("invalid_grant")
  })

  test("gets an immutable context that can be read and extended", async () => {
    const { session, contexts } = await traced()
    await session.getAccessToken()
    const [context] = contexts
    const other = Symbol("other")
    const more = context?.setValue(other, 7)
    expect([context?.getValue(other), more?.getValue(other)]).toEqual([undefined, 7])
    expect(more?.getValue(spanKey)).toBe(context?.getValue(spanKey))
    const less = more?.deleteValue(spanKey)
    expect([less?.getValue(spanKey), less?.getValue(other)]).toEqual([undefined, 7])
  })

  test("that fails does not fail the refresh", async () => {
    const fail = () => {
      throw new Error("the exporter is closed")
    }
    const span = { spanContext: fail, setAttribute: fail, setStatus: fail, end: fail }
    for (const startSpan of [fail, () => span, () => undefined as never]) {
      const { session, accessToken } = await traced({ startSpan })
      const fresh = await session.getAccessToken()
      expect(fresh).not.toBe(accessToken)
      expect(await session.getAccessToken()).toBe(fresh)
    }
  })

  test.each([null, "tracer", {}, { startSpan: "x" }])("that is %j is a bad option", (tracer) => {
    expect(() => openTelemetry(tracer as never)).toThrow(
      expect.objectContaining({ _tag: "ConfigurationError", option: "tracer", action: "fix" }),
    )
  })
})
