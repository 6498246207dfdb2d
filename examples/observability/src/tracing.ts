import * as OtelTracer from "@effect/opentelemetry/OtelTracer"
import { createTokenClient, type TokenClientOptions } from "@ellipsis-oauth/node"
import * as Effect from "effect/Effect"

/** Spans go to the tracer provider that your app has registered with OpenTelemetry; events go to your log. */
export const createObservedClient = (options: TokenClientOptions) =>
  createTokenClient({
    ...options,
    tracer: Effect.runSync(Effect.provide(OtelTracer.make, OtelTracer.layerGlobalTracer)),
    onEvent: ({ type, key, ...details }) => console.log(type, key, details),
  })
