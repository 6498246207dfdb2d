/** An OpenTelemetry collector in memory: an `HttpClient` that keeps the spans of the requests that it is sent. */
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"

interface ExportedSpan {
  readonly name: string
  readonly attributes: Readonly<Record<string, unknown>>
}

/** The part of an OTLP request that is read. */
interface OtlpRequest {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly name: string
        readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[]
      }[]
    }[]
  }[]
}

export const collector = () => {
  const spans: ExportedSpan[] = []
  const CollectorLive = Layer.succeed(
    HttpClient.HttpClient,
    HttpClient.make((request) =>
      Effect.sync(() => {
        const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : "{}"
        const { resourceSpans } = JSON.parse(body) as OtlpRequest
        for (const { scopeSpans } of resourceSpans) {
          for (const { name, attributes } of scopeSpans.flatMap((scope) => scope.spans)) {
            const entries = attributes.map(({ key, value }) => [key, Object.values(value)[0]])
            spans.push({ name, attributes: Object.fromEntries(entries) })
          }
        }
        return HttpClientResponse.fromWeb(request, new Response("{}"))
      }),
    ),
  )
  return { spans, CollectorLive }
}
