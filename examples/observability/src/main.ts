/** A login, a refresh and a failed refresh, with the events and the exported spans printed. */
import { createMockServer } from "@ellipsis-oauth/mock-server"
import { ellipsisDrive } from "@ellipsis-oauth/node"
import { trace } from "@opentelemetry/api"
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base"
import { createObservedClient } from "./tracing.js"

const exporter = new InMemorySpanExporter()
trace.setGlobalTracerProvider(
  new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
)

const server = await createMockServer({ rotation: "always" }).listen({ port: 0 })
const client = createObservedClient({
  server: ellipsisDrive({ baseUrl: server.url }),
  clientId: "demo-app",
  clientSecret: "demo-secret",
  redirectUri: "http://localhost:3000/callback",
  now: () => server.clock.now(),
})
try {
  const { url, transaction } = await client.createAuthorizationRequest()
  const redirect = await fetch(url, { redirect: "manual" })
  const session = client.session("ada")
  await session.completeAuthorization(redirect.headers.get("location") ?? "", transaction)

  server.clock.advance("2 hours")
  await session.getAccessToken()

  server.clock.advance("2 hours")
  server.faults.next("token", { reply: { status: 503, headers: { "retry-after": "60" } } })
  await session.getAccessToken().catch((error: unknown) => console.log("\nThe caller sees:", String(error)))
} finally {
  await client.close()
  await server.close()
}

const spans: readonly ReadableSpan[] = exporter.getFinishedSpans()
console.log("\nExported spans, inner ones first:")
for (const { name, attributes, duration, status } of spans) {
  const milliseconds = Math.round(duration[0] * 1000 + duration[1] / 1e6)
  console.log(name, `${milliseconds} ms`, status.message ?? "ok", attributes)
}
