import { Validator } from "@seriousme/openapi-schema-validator"
import { Ajv2020 } from "ajv/dist/2020.js"
import { describe, expect, it } from "vitest"
import { createMockServer } from "../../src/index.js"
import { call, get, remoteServer } from "../remote.js"

type Schema = Readonly<Record<string, unknown>>

interface Call {
  readonly operationId: string
  readonly requestBody?: { readonly content: { readonly "application/json": { readonly schema: Schema } } }
  readonly responses: Record<
    string,
    { readonly content: { readonly "application/json": { readonly schema: Schema } } }
  >
}

interface Document {
  readonly paths: Record<string, Record<string, Call>>
  readonly components: { readonly schemas: Record<string, Schema> }
}

const load = async (server: { readonly url: string }) =>
  (await get(server, "openapi.json")).body as unknown as Document

const ajv = new Ajv2020({ strict: false })

/** The violations of a schema, which may reference the document. */
const errorsOf = (document: Document, schema: Schema, value: unknown) => {
  const validate = ajv.compile({ ...schema, components: document.components })
  validate(value)
  return validate.errors ?? []
}

type Story = (server: { readonly url: string }) => Promise<unknown>

const hold: Story = async (server) => (await call(server, "faults/hold", { count: 1 })).body

const grant: Story = async (server) => {
  const { body } = await call(server, "authorize", { clientId: "demo-app" })
  const reply = await fetch(`${server.url}/oauth/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      authorization_code: String(body["code"]),
      client_id: "demo-app",
      client_secret: "demo-secret",
    }),
  })
  const { refresh_token } = (await reply.json()) as { refresh_token: string }
  return refresh_token
}

/** A valid input for every operation that takes one, by its path. A new operation needs an entry here. */
const inputs: Readonly<Record<string, Story>> = {
  reset: async () => ({}),
  subscribe: async (server) => {
    await fetch(`${server.url}/account`)
    return { after: 0 }
  },
  "clock/advance": async () => ({ by: "1 hour" }),
  "clock/set": async () => ({ now: 1 }),
  "clock/untilWaiting": async () => ({ count: 0 }),
  authorize: async () => ({
    clientId: "demo-app",
    state: "a",
    codeChallenge: "a".repeat(43),
    codeChallengeMethod: "S256",
  }),
  "authorize/next": async () => ({ decision: { user: "demo" } }),
  "authorize/deny": async () => ({ clientId: "demo-app" }),
  revoke: async (server) => ({ token: await grant(server) }),
  revokeFamily: async (server) => ({ idOrToken: await grant(server) }),
  expireAccessTokens: async () => ({}),
  "faults/next": async () => ({
    target: "token",
    faults: [
      "reset",
      {
        at: "afterCommit",
        delay: 5,
        reply: { body: { a: 1 }, retryAfter: "2 seconds", retryAfterAs: "date" },
      },
    ],
  }),
  "faults/always": async () => ({
    target: "any",
    fault: { change: { set: { scope: null }, headers: { date: null } } },
  }),
  "faults/schedule": async () => ({ seed: 1, target: "token", rate: 0.5, faults: ["close"] }),
  "faults/end": async (server) =>
    (await call(server, "faults/always", { target: "any", fault: "hang" })).body,
  "faults/hold": async () => ({ count: 2, target: "token", at: "afterCommit" }),
  "faults/clear": async () => ({}),
  "barrier/waiting": hold,
  "barrier/full": async (server) => {
    const barrier = await call(server, "faults/hold", { count: 1, target: "account" })
    void fetch(`${server.url}/account`).catch(() => {})
    return barrier.body
  },
  "barrier/release": hold,
}

await using server = await remoteServer()
const document = await load(server)
const paths = Object.keys(document.paths)
const operations = paths.flatMap((path) =>
  Object.entries(document.paths[path] ?? {}).map(([method, operation]) => ({ path, method, operation })),
)

describe("the OpenAPI document", () => {
  it("is valid OpenAPI 3.1", async () => {
    const validator = new Validator()
    const { valid, errors } = await validator.validate(JSON.parse(JSON.stringify(document)))
    expect(errors ?? []).toEqual([])
    expect(valid).toBe(true)
    expect(validator.version).toBe("3.1")
  })

  it("references only schemas that it contains", () => {
    const pointers = JSON.stringify(document).match(/"#\/components\/schemas\/\w+"/g) ?? []
    const names = Object.keys(document.components.schemas)
    expect(new Set(pointers)).toEqual(new Set(names.map((name) => `"#/components/schemas/${name}"`)))
  })

  it("gives every operation an id of its own", () => {
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z]+$/)
  })

  it("has the same operations as the TypeScript API", () => {
    const api = createMockServer()
    const members = (prefix: string, value: object) => Object.keys(value).map((name) => `${prefix}${name}`)
    const internal = [
      "clock/after",
      "clock/httpDate",
      "clock/reset",
      "clock/stop",
      "faults/pending",
      "faults/take",
      "faults/holds",
      "faults/park",
    ]
    const names = [
      ...members("", api).filter((name) => !["clock", "faults", "fetch", "listen", "close"].includes(name)),
      ...members("clock/", api.clock),
      ...members("faults/", api.faults),
      ...members("authorize/", api.authorize),
      ...members("barrier/", api.faults.hold(1)),
    ].filter((name) => !internal.includes(name))
    const only = ["faults/end", "faultCatalog", "malformedReplies", "openapi.json"]
    expect(paths.toSorted()).toEqual([...names, ...only].map((name) => `/__mock/${name}`).toSorted())
  })
})

describe("each documented operation", () => {
  it.each(operations)(
    "$method $path can be called, and its response matches the document",
    async ({ path, method, operation }) => {
      await using own = await remoteServer()
      const name = path.replace("/__mock/", "")
      const schema = operation.requestBody?.content["application/json"].schema
      const story = inputs[name]
      expect(method).toBe(story === undefined ? "get" : "post")
      const input = await story?.(own)
      if (schema !== undefined) expect(errorsOf(document, schema, input)).toEqual([])

      const { status, body } = method === "get" ? await get(own, name) : await call(own, name, input)
      expect(body).not.toHaveProperty("message")
      expect(status).toBe(200)
      const replied = operation.responses["200"]?.content["application/json"].schema
      expect(errorsOf(document, replied ?? {}, body)).toEqual([])
    },
  )

  it.each(operations.filter(({ method }) => method === "post"))(
    "$path refuses a member that it does not know, as documented",
    async ({ path }) => {
      await using own = await remoteServer()
      const { status, body } = await call(own, path.replace("/__mock/", ""), { nobody: "knows" })
      expect(status).toBe(400)
      expect(errorsOf(document, { $ref: "#/components/schemas/Problem" }, body)).toEqual([])
    },
  )
})

it("the reports after many requests match the document", async () => {
  await using own = await remoteServer({ rotation: { grace: "1 minute" } })
  const parameters = { grant_type: "refresh_token", client_id: "demo-app", client_secret: "demo-secret" }
  const refresh = (refresh_token: string, query = "") =>
    fetch(`${own.url}/oauth/token${query}`, {
      method: "POST",
      body: new URLSearchParams({ ...parameters, refresh_token }),
    }).catch(() => undefined)
  const token = String(await grant(own))
  await call(own, "faults/next", { target: "token", faults: ["unavailable", "lostReply", "tooManyRequests"] })
  for (const query of ["", "", "", "", "?client_secret=a"]) await refresh(token, query)
  await call(own, "clock/advance", { by: "5 minutes" })
  await refresh(token)
  await fetch(`${own.url}/oauth/authorize?response_type=code&client_id=demo-app&state=a`, {
    redirect: "manual",
  })
  for (const name of ["log", "families", "lint", "transcript"]) {
    const { body } = await get(own, name)
    const schema =
      document.paths[`/__mock/${name}`]?.["get"]?.responses["200"]?.content["application/json"].schema
    expect(errorsOf(document, schema ?? {}, body), name).toEqual([])
    expect(Object.values(body)[0]).not.toHaveLength(0)
  }
})
