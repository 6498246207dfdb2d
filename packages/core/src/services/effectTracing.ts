/** Spans of the tracer that the running effect has. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Tracer from "effect/Tracer"
import type { Tracing } from "./Tracing.js"

export const effectTracing: Tracing = {
  span: (effect, name, facts) => Effect.withSpan(effect, name, facts) as typeof effect,
  annotate: (key, value) => Effect.annotateCurrentSpan(key, value),
  current: Effect.map(Effect.context<never>(), (context) =>
    Context.getOrUndefined(context as Context.Context<Tracer.ParentSpan>, Tracer.ParentSpan),
  ),
  inside: (context, parent) => {
    const outside = Context.omit(Tracer.ParentSpan)(context) as typeof context
    return parent === undefined
      ? outside
      : (Context.add(outside, Tracer.ParentSpan, parent) as typeof context)
  },
}
