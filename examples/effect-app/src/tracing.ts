/** Spans go to an OpenTelemetry collector, by the HttpClient that the layer is given. */
import * as Layer from "effect/Layer"
import * as OtlpSerialization from "effect/observability/OtlpSerialization"
import * as OtlpTracer from "effect/observability/OtlpTracer"

export const TracingLive = OtlpTracer.layer({
  url: "http://localhost:4318/v1/traces",
  resource: { serviceName: "my-maps" },
}).pipe(Layer.provide(OtlpSerialization.layerJson))
