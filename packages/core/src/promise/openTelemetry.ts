/** Spans for an OpenTelemetry tracer. Its types are declared here, so there is no dependency. */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import { callQuietly } from "../common/callQuietly.js"
import { badOption } from "../common/options.js"
import { effectTracing } from "../services/effectTracing.js"
import type { Tracing as EffectTracing } from "../services/Tracing.js"

/** The part of OpenTelemetry's `Span` that is used. */
export interface OpenTelemetrySpan {
  spanContext(): { readonly traceId: string; readonly spanId: string; readonly traceFlags: number }
  setAttribute(key: string, value: string | number | boolean): unknown
  setStatus(status: { code: number; message?: string }): unknown
  end(): void
}

/** The part of OpenTelemetry's `Tracer` that is used: what `trace.getTracer("my-app")` returns. */
export interface OpenTelemetryTracer {
  startSpan(
    name: string,
    options?: { kind?: number; root?: boolean; attributes?: Record<string, string | number | boolean> },
    context?: OpenTelemetryContext,
  ): OpenTelemetrySpan
}

/** OpenTelemetry's `Context`: an immutable map. */
export interface OpenTelemetryContext {
  getValue(key: symbol): unknown
  setValue(key: symbol, value: unknown): OpenTelemetryContext
  deleteValue(key: symbol): OpenTelemetryContext
}

/** The key of the parent span in OpenTelemetry's context. `Symbol.for` gives all copies of the API the same symbol. */
const spanKey = Symbol.for("OpenTelemetry Context Key SPAN")

const contextOf = (values: ReadonlyMap<symbol, unknown>): OpenTelemetryContext => ({
  getValue: (key) => values.get(key),
  setValue: (key, value) => contextOf(new Map(values).set(key, value)),
  deleteValue: (key) => contextOf(new Map([...values].filter(([other]) => other !== key))),
})

const kinds: Readonly<Record<Tracer.SpanKind, number>> = {
  internal: 0,
  server: 1,
  client: 2,
  producer: 3,
  consumer: 4,
}

const statusError = 2

/** A tracer that throws must not make a refresh fail, so its errors are ignored. */
class BridgedSpan extends Tracer.NativeSpan {
  /** `undefined` if the tracer failed to start it. */
  span: OpenTelemetrySpan | undefined

  constructor(options: Parameters<Tracer.Tracer["span"]>[0], tracer: OpenTelemetryTracer) {
    super(options)
    const parent = Option.getOrUndefined(options.parent)
    const own = { kind: kinds[options.kind], ...(options.root ? { root: true } : {}) }
    callQuietly(() => {
      // Without a parent it becomes a child of the span that is active where the call was made.
      this.span =
        parent instanceof BridgedSpan
          ? tracer.startSpan(options.name, own, contextOf(new Map([[spanKey, parent.span]])))
          : tracer.startSpan(options.name, own)
    })
  }

  override attribute(key: string, value: unknown): void {
    super.attribute(key, value)
    const isPlain = typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    callQuietly(() => this.span?.setAttribute(key, isPlain ? value : String(value)))
  }

  override end(endTime: bigint, exit: Exit.Exit<unknown, unknown>): void {
    super.end(endTime, exit)
    const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
    if (error !== undefined) {
      const message = error instanceof Error ? error.message : String(error)
      callQuietly(() => this.span?.setStatus({ code: statusError, message }))
    }
    callQuietly(() => this.span?.end())
  }
}

/** Receives spans. Opaque: `openTelemetry` makes it, and a client takes it. */
export interface Tracing {
  readonly isTracing: true
}

/** The content of `Tracing`. */
export interface OpenTelemetryTracing extends Tracing {
  readonly context: Context.Context<never>
  readonly tracing: EffectTracing
}

/**
 * Spans for an OpenTelemetry tracer, such as `trace.getTracer("my-app")`. What the tracer throws is ignored.
 *
 * @throws ConfigurationError for anything else
 */
export const openTelemetry = (tracer: OpenTelemetryTracer): Tracing => {
  if (typeof tracer?.startSpan !== "function") {
    throw badOption("tracer", tracer, 'an OpenTelemetry tracer, such as trace.getTracer("my-app")')
  }
  const made: OpenTelemetryTracing = {
    isTracing: true,
    context: Context.make(
      Tracer.Tracer,
      Tracer.make({ span: (options) => new BridgedSpan(options, tracer) }),
    ),
    tracing: effectTracing,
  }
  return made
}
