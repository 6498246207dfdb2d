/** Checks the input of an operation by its schema, with the same errors as the TypeScript API. */
import type * as z from "zod"
import { OptionError, UnknownOptionError } from "../common/OptionError.js"

type Issue = z.core.$ZodIssue

const articles: Readonly<Record<string, string>> = {
  object: "an object",
  record: "an object",
  array: "an array",
  int: "a whole number",
  null: "null",
}

const withArticle = (type: string): string => articles[type] ?? `a ${type}`

/** Describes the expected value in plain words; the error text of a schema takes precedence. */
const describeExpected: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case "invalid_type":
      return withArticle(issue.expected)
    case "invalid_value":
      return issue.values.map((value) => JSON.stringify(value)).join(" or ")
    case "too_small":
      return `${withArticle(issue.origin)} of at least ${issue.minimum}`
    case "too_big":
      return `${withArticle(issue.origin)} of at most ${issue.maximum}`
    default:
      return undefined
  }
}

/** For a union: the issue of the alternative that has the type of the value, which describes the mistake best. */
const closest = (issue: Issue): Issue => {
  if (issue.code !== "invalid_union") return issue
  const alternative = issue.errors.find(([first]) => first !== undefined && first.path.length > 0)?.[0]
  if (alternative === undefined) return issue
  const found = closest(alternative)
  return { ...found, path: [...issue.path, ...found.path] }
}

const valueAt = (input: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, name) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, name)
        ? Reflect.get(value, name)
        : undefined,
    input,
  )

const pathInWords = (root: string, path: readonly PropertyKey[]): string =>
  root + path.map((name) => (typeof name === "number" ? `[${name}]` : `.${String(name)}`)).join("")

/** Returns the checked input; fails with an `OptionError` for the first value that does not match. */
export const checkInput = <Input>(root: string, schema: z.ZodType<Input>, input: unknown): Input => {
  const result = schema.safeParse(input, { error: describeExpected })
  if (result.success) return result.data
  const [first] = result.error.issues
  if (first === undefined) throw new OptionError(root, input, "another value")
  const issue = closest(first)
  if (issue.code === "unrecognized_keys") {
    const path = [...issue.path, ...issue.keys.slice(0, 1)]
    throw new UnknownOptionError(pathInWords(root, path), valueAt(input, path), [])
  }
  throw new OptionError(pathInWords(root, issue.path), valueAt(input, issue.path), issue.message)
}
