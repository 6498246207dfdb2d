/** Facts for the log about a request that the provider does not process. */

import type { Endpoint } from "../log/Log.js"
import { readCredentials } from "../protocol/authenticateClient.js"
import type { PlainRequest } from "../protocol/Message.js"
import { forLog, type Parameters, parseForm, parseJson, readText } from "../protocol/Parameters.js"
import { Refusal } from "../protocol/Refusal.js"
import type { Settings } from "../protocol/Settings.js"
import type { Known } from "./Decision.js"

const parse = (
  endpoint: Endpoint,
  request: PlainRequest,
  query: string,
): Parameters | Refusal | undefined => {
  if (endpoint === "account" || endpoint === "path" || request.body === "too large") return undefined
  const text = endpoint === "authorize" ? query : readText(request.body)
  if (text instanceof Refusal) return text
  return text.trimStart().startsWith("{") ? parseJson(text) : parseForm(text)
}

export const previewRequest = (
  settings: Settings,
  endpoint: Endpoint,
  request: PlainRequest,
  query: string,
): Known => {
  const parsed = parse(endpoint, request, query)
  if (parsed === undefined || parsed instanceof Refusal) return { parameters: {} }
  const parameters = forLog(parsed.values)
  if (endpoint !== "token") return { parameters, clientId: parameters["client_id"]?.slice(0, 100) }
  const credentials = readCredentials(request.header("authorization"), parsed.values, settings.basicDecoding)
  const known = credentials instanceof Refusal ? undefined : credentials
  return {
    parameters,
    clientId: known?.clientId.slice(0, 100),
    clientAuthentication: known?.method,
    grantType: parameters["grant_type"]?.slice(0, 100),
  }
}
