// What browsers tell about who made them send a request. The attacks themselves are in hostile.test.ts.
import { expect, test } from "vitest"
import { isForPerson, mayActForSession, requireOwnPage } from "../../src/routes/requestOrigin.js"

const origin = "https://your.app"

const reading = (headers: Readonly<Record<string, string>>) => (name: string) => headers[name] ?? null

test.each<[boolean, string | undefined, Record<string, string>]>([
  [true, "GET", {}],
  [true, "HEAD", {}],
  [true, undefined, {}],
  [false, "POST", {}],
  [true, "POST", { origin }],
  [true, "POST", { "sec-fetch-site": "same-origin" }],
  [false, "POST", { "sec-fetch-site": "none" }],
  [false, "HEAD", { origin: "https://evil.example" }],
  [true, "HEAD", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }],
  [false, "HEAD", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }],
])("that the session may be used is %s for %s with %o", (allowed, method, headers) => {
  expect(mayActForSession(reading(headers), origin, method)).toBe(allowed)
})

test.each<[boolean, Record<string, string>]>([
  [true, { accept: "text/html,*/*" }],
  [false, { accept: "application/json" }],
  [false, {}],
  [true, { "sec-fetch-mode": "navigate", accept: "*/*" }],
  [false, { "sec-fetch-mode": "cors", accept: "text/html" }],
])("that a person reads the response is %s for %o", (person, headers) => {
  expect(isForPerson(reading(headers))).toBe(person)
})

const foreign = "must come from a page at https://your.app"

test.each<[string | undefined, Record<string, string>]>([
  [undefined, { origin }],
  [undefined, { origin, "sec-fetch-site": "same-origin" }],
  [undefined, { "sec-fetch-site": "same-origin" }],
  [foreign, {}],
  [foreign, { "sec-fetch-site": "none" }],
  [foreign, { origin, "sec-fetch-site": "cross-site" }],
  [foreign, { origin: "null", "sec-fetch-site": "same-origin" }],
  [foreign, { origin: "https://evil.example" }],
  [foreign, { origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
  ["opened at another address", { origin: "http://127.0.0.1:3000", "sec-fetch-site": "same-origin" }],
])("a change is refused with %j for %o", (problem, headers) => {
  const check = () => requireOwnPage(reading(headers), { origin, basePath: "/auth" })
  if (problem === undefined) expect(check).not.toThrow()
  else expect(check).toThrow(expect.objectContaining({ message: expect.stringContaining(problem) }))
})
