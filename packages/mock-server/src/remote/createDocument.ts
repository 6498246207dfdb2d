/** The remote control as an OpenAPI 3.1 document, made of the table that also answers. */

import type { Operation } from "./Operation.js"
import { namedSchemas, operations } from "./operationTable.js"
import { ref, type Schema } from "./schema.js"

const json = (description: string, schema: Schema) => ({
  description,
  content: { "application/json": { schema } },
})

/** `clock/untilWaiting` is `clockUntilWaiting`, an identifier in any language. */
const operationId = (name: string): string =>
  name.replace(/\/(\w)/g, (_, letter: string) => letter.toUpperCase())

const describe = (name: string, { tag, summary, input, output }: Operation) => ({
  operationId: operationId(name),
  tags: [tag],
  summary,
  ...(input === undefined
    ? undefined
    : {
        requestBody: {
          required: (input.required ?? []).length > 0,
          content: { "application/json": { schema: input } },
        },
      }),
  responses: {
    200: json("Done.", output),
    ...(input === undefined ? undefined : { 400: { $ref: "#/components/responses/BadRequest" } }),
    403: { $ref: "#/components/responses/Forbidden" },
  },
})

export const createDocument = () => ({
  openapi: "3.1.0",
  info: {
    title: "Remote control of the Ellipsis Drive mock server",
    version: "1.0.0",
    description:
      "Drives the mock server of `@ellipsis-oauth/mock-server` from tests in any language. Each path is the name of the same thing in the TypeScript API: `/__mock/clock/advance` is `server.clock.advance`. Reading is GET, everything else is POST with a JSON object; a function that the API returns is an `id` here. Absent: `listen` and `close`, which are for whoever started the server, and `fetch`.",
    license: { name: "MIT", identifier: "MIT" },
  },
  servers: [{ url: "/" }],
  tags: ["Server", "Clock", "Authorization", "Faults", "Reports"].map((name) => ({ name })),
  paths: Object.fromEntries([
    ...Object.entries(operations).map(([name, operation]) => [
      `/__mock/${name}`,
      { [operation.method]: describe(name, operation) },
    ]),
    [
      "/__mock/openapi.json",
      {
        get: {
          operationId: "openapi",
          tags: ["Server"],
          summary: "This document",
          responses: { 200: json("OpenAPI 3.1.", { type: "object" }) },
        },
      },
    ],
  ]),
  components: {
    schemas: namedSchemas,
    responses: {
      BadRequest: json("A member is missing, unknown or not what it should be.", ref("Problem")),
      Forbidden: json("The host name or the origin of the request is not allowed.", ref("Problem")),
    },
  },
})
