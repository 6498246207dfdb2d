/** Spans around what a client does: Effect's, or none at all, which costs a browser nothing. */
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
  /** Adds to the span that is open. */
  readonly annotate: (key: string, value: unknown) => Effect.Effect<void>
  /** The span of the caller, if it has one. */
  readonly current: Effect.Effect<Tracer.AnySpan | undefined>
  /** Runs an effect as a child of a span, or of none. */
  readonly inside: <R>(context: Context.Context<R>, parent: Tracer.AnySpan | undefined) => Context.Context<R>
}

export const noTracing: Tracing = {
  span: (effect) => effect,
  annotate: () => Effect.void,
  current: Effect.undefined,
  inside: (context) => context,
}
