/** What the log can say about a request that the provider never saw. */
import type { Endpoint } from "./log.js"
import type { PlainRequest } from "./message.js"
import { forLog, parseForm, parseJson, readText } from "./parameters.js"
import type { Known } from "./provider.js"
import { Refusal } from "./refusal.js"

const parametersOf = (endpoint: Endpoint, request: PlainRequest, query: string): Known["parameters"] => {
  if (endpoint === "account" || request.body === "too large") return {}
  const text = endpoint === "authorize" ? query : readText(request.body)
  if (text instanceof Refusal) return {}
  const parameters = text.trimStart().startsWith("{") ? parseJson(text) : parseForm(text)
  return parameters instanceof Refusal ? {} : forLog(parameters.values)
}

export const peek = (endpoint: Endpoint, request: PlainRequest, query: string): Known => {
  const parameters = parametersOf(endpoint, request, query)
  return { parameters, clientId: parameters["client_id"], grantType: parameters["grant_type"] }
}
