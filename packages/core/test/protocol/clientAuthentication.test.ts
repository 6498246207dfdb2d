import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Client } from "../../src/index.js"
import { formEncode } from "../../src/protocol/clientAuthentication.js"
import { client } from "../fixtures.js"

const authenticateClient = ({ credentials: { parameters, headers } }: Client) => ({ parameters, headers })

const decodeForm = (value: string) => decodeURIComponent(value.replaceAll("+", " "))

const credentials = (header: string | undefined) => {
  const text = Buffer.from((header ?? "").replace(/^Basic /, ""), "base64").toString("utf8")
  const colon = text.indexOf(":")
  return [text.slice(0, colon), text.slice(colon + 1)] as const
}

describe("client authentication", () => {
  test("RFC 6749 appendix B", () => {
    expect(formEncode(" %&+£€")).toBe("+%25%26%2B%C2%A3%E2%82%AC")
  })

  test("body: id and secret are parameters", () => {
    expect(authenticateClient(client({ clientSecret: "s" }))).toEqual({
      parameters: { client_id: "app", client_secret: "s" },
      headers: {},
    })
  })

  test("none: the id alone", () => {
    expect(authenticateClient(client())).toEqual({ parameters: { client_id: "app" }, headers: {} })
  })

  test.each([
    ["none", {}, []],
    ["body", { clientSecret: "s" }, ["s"]],
    ["basic", { clientSecret: "s", clientAuthentication: "basic" }, ["s", "YXBwOnM="]],
    ["basic-raw", { clientSecret: "s", clientAuthentication: "basic-raw" }, ["s", "YXBwOnM="]],
  ] as const)("%s: each secret is known, so that it can be removed from texts", (_, options, secrets) => {
    expect(client(options).credentials.secrets).toEqual(secrets)
  })

  test("basic: the example of RFC 6749 §2.3.1", () => {
    const registered = client({
      clientId: "s6BhdRkqt3",
      clientSecret: "7Fjfp0ZBr1KtDRbnfVdmIw",
      clientAuthentication: "basic",
    })
    expect(authenticateClient(registered)).toEqual({
      parameters: {},
      headers: { authorization: "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3" },
    })
  })

  const special = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).filter((s) => s.isWellFormed())
  const id = special.filter((s) => s.length <= 50)

  test("basic is decoded correctly by a strict server, for all characters", () => {
    fc.assert(
      fc.property(id, special, (clientId, clientSecret) => {
        const { headers } = authenticateClient(
          client({ clientId, clientSecret, clientAuthentication: "basic" }),
        )
        const [username, password] = credentials(headers["authorization"])
        expect([decodeForm(username), decodeForm(password)]).toEqual([clientId, clientSecret])
      }),
    )
  })

  test("basic-raw arrives unchanged", () => {
    fc.assert(
      fc.property(
        id.filter((s) => !s.includes(":")),
        special,
        (clientId, clientSecret) => {
          const registered = client({ clientId, clientSecret, clientAuthentication: "basic-raw" })
          expect(credentials(authenticateClient(registered).headers["authorization"])).toEqual([
            clientId,
            clientSecret,
          ])
        },
      ),
    )
  })
})
