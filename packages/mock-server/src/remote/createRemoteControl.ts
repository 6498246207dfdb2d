/** `/__mock/…`: controls the server from other processes and languages, in JSON. */

import type { ChangeFeed } from "../common/ChangeFeed.js"
import { OptionError } from "../common/OptionError.js"
import { isAllowedOrigin } from "../protocol/Access.js"
import { type Cors, corsHeaders, preflightResponse } from "../protocol/Cors.js"
import { jsonResponse, type PlainRequest, type PlainResponse } from "../protocol/Message.js"
import { readText } from "../protocol/Parameters.js"
import { Refusal } from "../protocol/Refusal.js"
import type { Controls } from "../server/Controls.js"
import { createDocument } from "./createDocument.js"
import type { Operation, Remote } from "./Operation.js"
import { operations } from "./operationTable.js"

interface RemoteControlOptions {
  readonly controls: Controls
  readonly cors: Cors
  readonly changes: ChangeFeed
}

/** An invalid request to the remote control. */
class Problem extends Error {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}

const readInput = (request: PlainRequest): unknown => {
  if (request.body === "too large") throw new Problem(413, "The body is too large.")
  if (request.body.length === 0) return {}
  // A page of another site can send any other type without a preflight request.
  const type = request.header("content-type")?.split(";")[0]?.trim().toLowerCase()
  if (type !== "application/json") {
    throw new Problem(415, `The body must be application/json; its Content-Type is ${type ?? "missing"}.`)
  }
  const text = readText(request.body)
  if (text instanceof Refusal) throw new Problem(400, text.reason)
  try {
    return JSON.parse(text)
  } catch {
    throw new Problem(400, "The body is not JSON.")
  }
}

const optionOf = (name: string): string => name.replace("/", ".")

const problemResponse = (error: unknown): PlainResponse => {
  if (error instanceof OptionError) {
    return jsonResponse(400, { message: error.message, option: error.option, takes: error.takes })
  }
  if (error instanceof Problem) return jsonResponse(error.status, { message: error.message }, error.headers)
  return jsonResponse(500, { message: error instanceof Error ? error.message : String(error) })
}

export const createRemoteControl = ({ controls, cors, changes }: RemoteControlOptions) => {
  const remote: Remote = { controls, changes, endings: new Map(), barriers: new Map() }

  const call = async (name: string, operation: Operation, request: PlainRequest): Promise<PlainResponse> => {
    const input = operation.input === undefined ? undefined : readInput(request)
    return jsonResponse(200, (await operation.run(remote, optionOf(name), input)) ?? {})
  }

  const respond = async (request: PlainRequest, name: string): Promise<PlainResponse> => {
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined
    const method = name === "openapi.json" ? "get" : operation?.method
    if (method === undefined) {
      throw new Problem(404, "This operation does not exist. /__mock/openapi.json describes all operations.")
    }
    if (request.method === "OPTIONS") {
      return preflightResponse([request.header("origin") ?? ""], request, method.toUpperCase())
    }
    if (request.method.toLowerCase() !== method) {
      const allow = method.toUpperCase()
      throw new Problem(405, `${optionOf(name)} takes ${allow}.`, { allow })
    }
    return operation === undefined ? jsonResponse(200, createDocument()) : call(name, operation, request)
  }

  return async (request: PlainRequest): Promise<PlainResponse> => {
    const [path = ""] = request.target.split("?")
    if (!isAllowedOrigin(cors, request)) {
      return problemResponse(
        new Problem(
          403,
          "Pages of this origin must not use the remote control. Allowed are pages of this machine and the origins in the option `cors`.",
        ),
      )
    }
    const headers = corsHeaders([request.header("origin") ?? ""], request)
    const response = await respond(request, path.slice("/__mock/".length)).catch(problemResponse)
    return { ...response, headers: { ...headers, ...response.headers } }
  }
}
