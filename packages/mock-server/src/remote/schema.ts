/** JSON Schema (2020-12), as much of it as the remote control needs: one description, for the document and for the check. */
import { OptionError } from "../common/OptionError.js"

export interface Schema {
  readonly $ref?: `#/components/schemas/${string}`
  readonly type?: "object" | "array" | "string" | "number" | "integer" | "boolean" | "null"
  readonly description?: string
  readonly enum?: readonly string[]
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema
  readonly minItems?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly pattern?: string
  readonly examples?: readonly unknown[]
}

export type NamedSchemas = Readonly<Record<string, Schema>>

export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })

/** An object with these members and no others. */
export const object = (
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[] = [],
  description?: string,
): Schema => ({
  type: "object",
  ...(description === undefined ? undefined : { description }),
  properties,
  ...(required.length === 0 ? undefined : { required }),
  additionalProperties: false,
})

export const text = (description?: string): Schema =>
  description === undefined ? { type: "string" } : { type: "string", description }

export const count = (minimum: number, description: string): Schema => ({
  type: "integer",
  minimum,
  description,
})

export const list = (items: Schema, description?: string): Schema =>
  description === undefined ? { type: "array", items } : { type: "array", items, description }

export const map = (additionalProperties: boolean | Schema, description?: string): Schema =>
  description === undefined
    ? { type: "object", additionalProperties }
    : { type: "object", additionalProperties, description }

export const oneOf = (words: readonly string[], description?: string): Schema =>
  description === undefined ? { type: "string", enum: words } : { type: "string", enum: words, description }

const articles = { object: "an object", array: "an array", integer: "a whole number", null: "null" } as const

const inWords = (schema: Schema): string => {
  if (schema.enum !== undefined) return schema.enum.map((word) => `"${word}"`).join(" or ")
  if (schema.anyOf !== undefined) return schema.anyOf.map(inWords).join(", or ")
  const { type = "object", minimum, maximum } = schema
  const kind = type in articles ? Reflect.get(articles, type) : `a ${type}`
  const range =
    minimum === undefined
      ? ""
      : maximum === undefined
        ? ` of at least ${minimum}`
        : ` from ${minimum} to ${maximum}`
  const such = schema.examples === undefined ? "" : ` such as ${JSON.stringify(schema.examples[0])}`
  return `${kind}${range}${such}`
}

const typeOf = (value: unknown): string =>
  value === null
    ? "null"
    : Array.isArray(value)
      ? "array"
      : Number.isInteger(value)
        ? "integer"
        : typeof value

const hasType = (schema: Schema, value: unknown): boolean => {
  const found = typeOf(value)
  return (
    schema.type === undefined || schema.type === found || (schema.type === "number" && found === "integer")
  )
}

const fits = (schema: Schema, value: unknown): boolean => {
  if (schema.enum !== undefined) return schema.enum.some((word) => word === value)
  if (!hasType(schema, value)) return false
  if (typeof value === "number") {
    return value >= (schema.minimum ?? value) && value <= (schema.maximum ?? value)
  }
  if (Array.isArray(value)) return value.length >= (schema.minItems ?? 0)
  return (
    typeof value !== "string" || schema.pattern === undefined || new RegExp(schema.pattern, "u").test(value)
  )
}

const resolve = (schema: Schema, named: NamedSchemas): Schema =>
  schema.$ref === undefined ? schema : (named[schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1)] ?? {})

const checkMembers = (path: string, schema: Schema, value: object, named: NamedSchemas): void => {
  const { properties = {}, required = [], additionalProperties = true } = schema
  for (const name of required) {
    if (Object.hasOwn(value, name)) continue
    throw new OptionError(`${path}.${name}`, undefined, inWords(resolve(properties[name] ?? {}, named)))
  }
  for (const [name, member] of Object.entries(value)) {
    const known = Object.hasOwn(properties, name) ? properties[name] : additionalProperties
    if (known === false || known === undefined) {
      const names = Object.keys(properties)
      const takes =
        names.length === 0 ? "no members" : `no such member: the known ones are ${names.join(", ")}`
      throw new OptionError(`${path}.${name}`, member, takes)
    }
    if (known !== true) checkSchema(`${path}.${name}`, known, member, named)
  }
}

/** Fails with an `OptionError` at the first place where the value does not fit. */
export const checkSchema = (path: string, given: Schema, value: unknown, named: NamedSchemas): void => {
  const schema = resolve(given, named)
  if (schema.anyOf !== undefined) {
    const options = schema.anyOf.map((option) => resolve(option, named))
    // The one of the same type has the most to say about what is wrong.
    const closest = options.find((option) => hasType(option, value))
    if (closest === undefined) throw new OptionError(path, value, options.map(inWords).join(", or "))
    checkSchema(path, closest, value, named)
    return
  }
  if (!fits(schema, value)) throw new OptionError(path, value, inWords(schema))
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries())
      checkSchema(`${path}[${index}]`, schema.items ?? {}, item, named)
  } else if (typeof value === "object" && value !== null) checkMembers(path, schema, value, named)
}
