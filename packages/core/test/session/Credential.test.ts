import { inspect } from "node:util"
import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { Token } from "../../src/index.js"
import {
  Credential,
  fromRecord,
  isNewer,
  storeKey,
  toRecord,
  withoutRefreshToken,
} from "../../src/session/Credential.js"

const owner = { clientId: "app", tokenEndpoint: "https://as.example/token" }
const token = new Token({
  accessToken: "access-kanary",
  refreshToken: "refresh-kanary",
  tokenType: "Bearer",
  expiresAt: 2000,
  issuedAt: 1000,
  scope: ["projects"],
  extra: {},
})
const credential = new Credential({ token, version: "v", login: "l", sequence: 7, imported: "hash" })

describe("a record", () => {
  test("is read as the same credential", () => {
    const { token: back, ...rest } = Result.getOrThrow(fromRecord(owner, "ada", toRecord(owner, credential)))
    expect(rest).toEqual({ version: "v", login: "l", sequence: 7, imported: "hash" })
    expect(back.refreshToken).toBe("refresh-kanary")
  })

  test("of an earlier version, without its login and sequence, is older than any other", () => {
    const { value, version } = toRecord(owner, credential)
    const { login: _, sequence: __, imported: ___, ...rest } = JSON.parse(value)
    const back = Result.getOrThrow(fromRecord(owner, "ada", { value: JSON.stringify(rest), version }))
    expect([back.login, back.sequence, back.imported]).toEqual(["", 0, undefined])
    const odd = { ...rest, login: 7, sequence: "8", imported: 9 }
    const oddOne = Result.getOrThrow(fromRecord(owner, "ada", { value: JSON.stringify(odd), version }))
    expect([oddOne.login, oddOne.sequence, oddOne.imported]).toEqual(["", 0, undefined])
  })

  test("of another format is damaged", () => {
    const { value, version } = toRecord(owner, credential)
    const record = { value: JSON.stringify({ ...JSON.parse(value), format: 2 }), version }
    expect(Result.getOrUndefined(Result.flip(fromRecord(owner, "ada", record)))).toMatchObject({
      reason: "corrupt",
    })
  })

  test("without its refresh token is the same otherwise", () => {
    const { value, version } = withoutRefreshToken(toRecord(owner, credential))
    expect(version).toBe("v")
    expect(value).not.toContain("refresh-kanary")
    const { token: back, ...rest } = Result.getOrThrow(fromRecord(owner, "ada", { value, version }))
    expect(rest).toEqual({ version: "v", login: "l", sequence: 7, imported: "hash" })
    expect([back.accessToken, back.refreshToken, back.expiresAt]).toEqual(["access-kanary", undefined, 2000])
  })

  test("of another client or server is foreign", () => {
    const record = toRecord(owner, credential)
    for (const other of [
      { ...owner, clientId: "other" },
      { ...owner, tokenEndpoint: "https://other.example/token" },
    ]) {
      expect(Result.getOrUndefined(Result.flip(fromRecord(other, "ada", record)))).toMatchObject({
        reason: "foreign",
      })
    }
  })

  test.each(["\r\nx-evil: 1", "\n", "\0", " ", "é"])(
    "whose access token has %o in it is damaged, and the error does not show it",
    (odd) => {
      const { value, version } = toRecord(owner, credential)
      const damaged = value.replace(
        "access-kanary",
        JSON.stringify(`access-kanary${odd}`).slice(1, -1).replaceAll("\\", "\\\\"),
      )
      const error = Result.getOrUndefined(Result.flip(fromRecord(owner, "ada", { value: damaged, version })))
      expect(error).toMatchObject({ reason: "corrupt", action: "login" })
      expect(inspect(error)).not.toContain("kanary")
    },
  )

  test("any stored text gives a credential or a typed error, and changes no prototype", () => {
    const { value } = toRecord(owner, credential)
    const stored = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json(),
      fc.json().map((token) => JSON.stringify({ format: 1, ...owner, token })),
      fc.jsonValue().map((token) => JSON.stringify({ format: 1, ...owner, token: JSON.stringify(token) })),
      fc.nat(value.length).map((length) => value.slice(0, length)),
      fc
        .tuple(fc.nat(value.length), fc.string())
        .map(([at, odd]) => value.slice(0, at) + odd + value.slice(at)),
      fc.constant(
        `{"format":1,"clientId":"app","tokenEndpoint":"${owner.tokenEndpoint}","__proto__":{"polluted":1},"token":"{\\"__proto__\\":{\\"polluted\\":1}}"}`,
      ),
    )
    fc.assert(
      fc.property(stored, fc.oneof(fc.string(), fc.anything()), (text, version) => {
        const result = fromRecord(owner, "ada", { value: text, version: version as string })
        if (Result.isSuccess(result)) expect(result.success.token.accessToken).toMatch(/^[\x21-\x7e]*$/)
        else {
          expect(["corrupt", "foreign"]).toContain(result.failure.reason)
          expect(inspect(result.failure)).not.toContain("kanary")
        }
        expect(({} as { polluted?: number }).polluted).toBeUndefined()
      }),
      { numRuns: process.env["TEST_FULL"] ? 50_000 : process.env["TEST_MUTANTS"] ? 100 : 2000, seed: 7 },
    )
  })
})

test("no two sessions share a key, whatever the client ids are", () => {
  const part = fc.constantFrom("", "a", "b", " ", ":", "%20", "a b", "a:b")
  const owners = fc.record({
    clientId: part,
    tokenEndpoint: part.map((path) => new URL(`https://as.example/${path}`).href),
  })
  fc.assert(
    fc.property(owners, part, owners, part, (one, key, other, otherKey) => {
      const same = JSON.stringify([one, key]) === JSON.stringify([other, otherKey])
      expect(storeKey(one, key) === storeKey(other, otherKey)).toBe(same)
    }),
    { numRuns: 2000 },
  )
})

test("which of two credentials is newer", () => {
  const at = (login: string, sequence: number) => new Credential({ token, version: "v", login, sequence })
  expect(isNewer(at("a", 8), at("a", 7))).toBe(true)
  expect(isNewer(at("a", 7), at("a", 7))).toBe(false)
  // Of two logins, the one in the store counts, unless the other is later than clocks can differ.
  expect(isNewer(at("b", 60_000), at("a", 7))).toBe(false)
  expect(isNewer(at("b", 86_400_000), at("a", 7))).toBe(true)
})
