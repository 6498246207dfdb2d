/** The HTTP response after a fault was applied. */
import type { ServerClock } from "../common/Clock.js"
import type { PlainResponse } from "../protocol/Message.js"
import type { ReplyChange, ResolvedFault, ResolvedFaultReply } from "./Fault.js"

const lowerCase = <T>(headers: Readonly<Record<string, T>> = {}): Record<string, T> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

const replaced = (replacement: ResolvedFaultReply, clock: ServerClock): PlainResponse => {
  const { status = 200, body = "", retryAfter, retryAfterAs } = replacement
  const plain = typeof body === "string" || body instanceof Uint8Array
  const wait =
    retryAfter === undefined
      ? undefined
      : retryAfterAs === "date"
        ? new Date(clock.now() + retryAfter).toUTCString()
        : String(Math.ceil(retryAfter / 1_000))
  return {
    status,
    headers: {
      ...(plain ? undefined : { "content-type": "application/json" }),
      ...(wait === undefined ? undefined : { "retry-after": wait }),
      ...lowerCase(replacement.headers),
    },
    body: plain ? body : JSON.stringify(body),
  }
}

const members = (body: PlainResponse["body"]): Record<string, unknown> | undefined => {
  if (typeof body !== "string" || !body.startsWith("{")) return undefined
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

const changedBody = (
  body: PlainResponse["body"],
  { set, omit = [], duplicate = [] }: ReplyChange,
): PlainResponse["body"] => {
  const json = members(body)
  if (json === undefined) return body
  const kept = Object.entries({ ...json, ...set }).filter(([name]) => !omit.includes(name))
  const twice = duplicate.map((name) => [name, "duplicate"] as const)
  // JSON.stringify cannot write a member twice. NaN and Infinity, which JSON does not have, are written as they are.
  const text = [...twice, ...kept].map(([name, value]) => {
    const raw = typeof value === "number" && !Number.isFinite(value) ? String(value) : JSON.stringify(value)
    return `${JSON.stringify(name)}:${raw}`
  })
  return `{${text.join(",")}}`
}

const changed = (response: PlainResponse, change: ReplyChange): PlainResponse => {
  const headers: Record<string, string> = { ...response.headers }
  for (const [name, value] of Object.entries(lowerCase(change.headers))) {
    if (value === null) delete headers[name]
    else headers[name] = value
  }
  const isBodyChanged =
    change.set !== undefined || change.omit !== undefined || change.duplicate !== undefined
  const body = isBodyChanged ? changedBody(response.body, change) : response.body
  return {
    status: change.status ?? response.status,
    headers,
    body: change.keep === undefined ? body : body.slice(0, change.keep),
  }
}

/** The response that is sent instead of `decided`, which is missing if the provider did not process the request. */
export const faultyResponse = (
  clock: ServerClock,
  fault: ResolvedFault,
  decided: PlainResponse | undefined,
): PlainResponse => {
  const { reply: replacement, change, wire, slowBody } = fault
  const own =
    replacement === undefined
      ? (decided ?? { status: 0, headers: {}, body: "" })
      : replaced(replacement, clock)
  const sent = change === undefined ? own : changed(own, change)
  if (wire === undefined && slowBody === undefined) return sent
  return {
    ...sent,
    wire,
    slow:
      slowBody === undefined
        ? undefined
        : { chunk: slowBody.chunk, pause: (then: () => void) => clock.after(slowBody.pause, then) },
  }
}
