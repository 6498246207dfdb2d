/** The OpenAPI 3.1 document of the remote control, made from the schemas that also check its input. */

import * as z from "zod"
import type { Operation } from "./Operation.js"
import { operations } from "./operationTable.js"
import { problem } from "./outputSchemas.js"

type JsonSchema = Readonly<Record<string, unknown>>

/** Schemas with an `id` become components, which the others reference. */
type ToJson = (schema: z.ZodType) => JsonSchema

const createToJson = (components: Record<string, JsonSchema>): ToJson => {
  const withoutId = ({ id: _, ...schema }: JsonSchema): JsonSchema => schema
  return (schema) => {
    const { $schema, $defs, ...json } = JSON.parse(
      JSON.stringify(z.toJSONSchema(schema, { io: "input" })).replaceAll("#/$defs/", "#/components/schemas/"),
    )
    for (const [name, component] of Object.entries<JsonSchema>($defs ?? {})) {
      components[name] = withoutId(component)
    }
    return json
  }
}

const json = (description: string, schema: JsonSchema) => ({
  description,
  content: { "application/json": { schema } },
})

/** `clock/untilWaiting` is `clockUntilWaiting`, an identifier in any language. */
const operationId = (name: string): string =>
  name.replace(/\/(\w)/g, (_, letter: string) => letter.toUpperCase())

const describe = (name: string, { tag, summary, input, output }: Operation, toJson: ToJson) => ({
  operationId: operationId(name),
  tags: [tag],
  summary,
  ...(input === undefined
    ? undefined
    : {
        requestBody: {
          required: !input.safeParse({}).success,
          content: { "application/json": { schema: toJson(input) } },
        },
      }),
  responses: {
    200: json("Done.", toJson(output)),
    ...(input === undefined ? undefined : { 400: { $ref: "#/components/responses/BadRequest" } }),
    403: { $ref: "#/components/responses/Forbidden" },
  },
})

export const createDocument = () => {
  const schemas: Record<string, JsonSchema> = {}
  const toJson = createToJson(schemas)
  // A schema at the root does not become a component.
  const problemSchema = toJson(z.array(problem))["items"] as JsonSchema
  return {
    openapi: "3.1.0",
    info: {
      title: "Remote control of the Ellipsis Drive mock server",
      version: "1.0.0",
      description:
        "Controls the mock server of `@ellipsis-oauth/mock-server` from tests in any language. Each path has the name of the TypeScript API: `/__mock/clock/advance` is `server.clock.advance`. Use GET to read, and POST with a JSON object for everything else. Where the TypeScript API returns a function, an operation returns an `id`. Not available: `listen` and `close`, which belong to the process that started the server, and `fetch`.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: ["Server", "Clock", "Authorization", "Faults", "Reports"].map((name) => ({ name })),
    paths: Object.fromEntries([
      ...Object.entries(operations).map(([name, operation]) => [
        `/__mock/${name}`,
        { [operation.method]: describe(name, operation, toJson) },
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
      schemas,
      responses: {
        BadRequest: json("A member is missing, unknown or invalid.", problemSchema),
        Forbidden: json("The host name or the origin of the request is not allowed.", problemSchema),
      },
    },
  }
}
