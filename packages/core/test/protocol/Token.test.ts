import { format, inspect } from "node:util"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { restoreToken, serializeToken, Token, type TokenFields } from "../../src/index.js"
import { thrown } from "../fixtures.js"

const fields: TokenFields = {
  accessToken: "access-canary",
  refreshToken: "refresh-canary",
  tokenType: "Bearer",
  expiresAt: 2000,
  issuedAt: 1000,
  scope: ["projects"],
  extra: { id_token: "extra-canary", n: 1 },
}

const read = (token: Token) => ({
  accessToken: token.accessToken,
  refreshToken: token.refreshToken,
  tokenType: token.tokenType,
  expiresAt: token.expiresAt,
  issuedAt: token.issuedAt,
  scope: token.scope,
  extra: token.extra,
})

describe("token", () => {
  test("is read through accessors", () => {
    expect(read(new Token(fields))).toEqual(fields)
  })

  test("prints redacted everywhere", () => {
    const token = new Token(fields)
    const printed = [
      inspect(token),
      inspect({ deep: [token] }),
      inspect(token, { showHidden: true, depth: Number.POSITIVE_INFINITY }),
      format("%s %o %O %j", token, token, token, token),
      JSON.stringify(token),
      JSON.stringify({ ...token }),
      `${token}`,
      String(token),
      Object.entries(token).toString(),
    ].join("\n")
    expect(printed).not.toContain("canary")
    expect(printed).toContain("accessToken: '[redacted]'")
    expect(printed).toContain('"expiresAt":2000')
  })

  test("shows whether it has a refresh token", () => {
    const shown = { tokenType: "Bearer", expiresAt: 2000, issuedAt: 1000, scope: ["projects"] }
    const accessToken = "[redacted]"
    expect(new Token(fields).toJSON()).toEqual({ ...shown, accessToken, refreshToken: "[redacted]" })
    expect(new Token({ ...fields, refreshToken: undefined }).toJSON()).toEqual({
      ...shown,
      accessToken,
      refreshToken: undefined,
    })
  })

  test("tokens without further members share one empty object, which nobody can change", () => {
    const { extra } = new Token({ ...fields, extra: {} })
    expect(extra).toEqual({})
    expect(new Token({ ...fields, extra: {} }).extra).toBe(extra)
    expect(Object.isFrozen(extra)).toBe(true)
  })

  test("cannot be changed", () => {
    expect(() => {
      ;(new Token(fields) as { expiresAt: number }).expiresAt = 0
    }).toThrow(TypeError)
  })

  test("survives its serialisation", () => {
    expect(read(restoreToken(serializeToken(new Token(fields))))).toEqual(fields)
    const bare = { ...fields, refreshToken: undefined, expiresAt: undefined, scope: [], extra: {} }
    expect(read(restoreToken(serializeToken(new Token(bare))))).toEqual(bare)
  })

  test("is restored for all values", () => {
    fc.assert(
      fc.property(
        fc.record({
          accessToken: fc.stringMatching(/^[\x21-\x7e]{1,40}$/),
          refreshToken: fc.option(fc.string(), { nil: undefined }),
          tokenType: fc.constant("Bearer"),
          expiresAt: fc.option(fc.nat(), { nil: undefined }),
          issuedAt: fc.nat(),
          scope: fc.array(fc.string()),
          extra: fc.dictionary(fc.string(), fc.jsonValue(), {
            noNullPrototype: true,
          }),
        }),
        (all) => {
          const json = JSON.parse(JSON.stringify(all.extra))
          expect(read(restoreToken(serializeToken(new Token(all))))).toEqual({ ...all, extra: json })
        },
      ),
    )
  })

  test.each<object>([
    { version: undefined },
    { version: 2 },
    { version: "1" },
    { accessToken: undefined },
    { accessToken: 7 },
    { refreshToken: 7 },
    { refreshToken: null },
    { tokenType: undefined },
    { tokenType: 7 },
    { expiresAt: "2000" },
    { expiresAt: null },
    { issuedAt: undefined },
    { issuedAt: "1000" },
    { scope: undefined },
    { scope: "projects" },
    { scope: ["projects", 7] },
    { extra: undefined },
    { extra: null },
    { extra: "more" },
  ])("a record with %o is no token", (members) => {
    const record = JSON.parse(serializeToken(new Token(fields)))
    expect(read(restoreToken(JSON.stringify(record)))).toEqual(fields)
    expect(() => restoreToken(JSON.stringify({ ...record, ...members }))).toThrow(
      /Option "serialized" must be a string that serializeToken wrote, got .+ without a token/,
    )
  })

  test.each([
    "",
    "null",
    "[]",
    "{}",
    '{"version":2}',
    '{"version":1,"accessToken":""}',
    ...["", "canary\r\nx-evil: 1", "canary\n", "canary\0", "can ary", "ключ"].map((accessToken) =>
      JSON.stringify({ version: 1, accessToken, tokenType: "Bearer", issuedAt: 0, scope: [], extra: {} }),
    ),
    "canary-token",
    undefined,
  ])("%o is no token, and the error does not quote it", (text) => {
    const error = thrown(() => restoreToken(text as string))
    expect(error).toMatchObject({ _tag: "ConfigurationError", option: "serialized" })
    expect(inspect(error)).not.toContain("canary")
  })
})
