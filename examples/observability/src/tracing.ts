import { createTokenClient, type TokenClientOptions } from "@ellipsis-oauth/node"
import { trace } from "@opentelemetry/api"

/** Spans go to the tracer provider that your app has registered with OpenTelemetry; events go to your log. */
export const createObservedClient = (options: TokenClientOptions) =>
  createTokenClient({
    ...options,
    tracer: trace.getTracer("my-app"),
    onEvent: ({ type, key, ...details }) => console.log(type, key, details),
  })
