/** Spans around the work of a client: Effect's, or none, so that a browser bundle has no tracing code. */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Tracer from "effect/Tracer"

export interface SpanFacts {
  readonly attributes: Readonly<Record<string, unknown>>
  readonly kind?: Tracer.SpanKind
  readonly root?: boolean
  readonly links?: readonly Tracer.SpanLink[]
}

export interface Tracing {
  readonly span: <A, E, R>(
    effect: Effect.Effect<A, E, R>,
    name: string,
    facts: SpanFacts,
  ) => Effect.Effect<A, E, R>
  /** Adds an attribute to the current span. */
  readonly annotate: (key: string, value: unknown) => Effect.Effect<void>
  /** The caller's span, if there is one. */
  readonly current: Effect.Effect<Tracer.AnySpan | undefined>
  /** A context in which spans become children of `parent`, or have no parent. */
  readonly inside: <R>(context: Context.Context<R>, parent: Tracer.AnySpan | undefined) => Context.Context<R>
}

export const noTracing: Tracing = {
  span: (effect) => effect,
  annotate: () => Effect.void,
  current: Effect.undefined,
  inside: (context) => context,
}
