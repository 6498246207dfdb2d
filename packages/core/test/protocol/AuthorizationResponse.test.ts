// cspell:ignore logi tate Xtate
import { inspect } from "node:util"
import fc from "fast-check"
import { describe, expect, onTestFinished, test, vi } from "vitest"
import {
  type AuthorizationTransaction,
  isTokenError,
  parseAuthorizationResponse,
  restoreTransaction,
  serializeTransaction,
} from "../../src/index.js"
import { failed, succeeded } from "../fixtures.js"

const now = 1_000_000
const transaction: AuthorizationTransaction = {
  state: "state-of-this-login",
  codeVerifier: "verifier-canary".padEnd(43, "x"),
  redirectUri: "https://app.example/callback",
  scope: "projects",
  returnTo: "/map",
  createdAt: now - 1000,
}
const callback = (query: string) => `https://app.example/callback?${query}`
const good = callback("code=code-canary&state=state-of-this-login")
const refusal = (query: string, at = now) =>
  failed(parseAuthorizationResponse(callback(query), transaction, at)) as {
    _tag: string
    reason?: string
  }

describe("authorization response", () => {
  test("returns what the code exchange needs", () => {
    const { code, codeVerifier, redirectUri, scope, returnTo } = succeeded(
      parseAuthorizationResponse(good, transaction, now),
    )
    expect({
      code,
      codeVerifier,
      redirectUri,
      scope,
      returnTo,
      state: transaction.state,
      createdAt: now - 1000,
    }).toEqual({
      ...transaction,
      code: "code-canary",
    })
  })

  test("accepts a URL object, and a path with its query", () => {
    expect(succeeded(parseAuthorizationResponse(new URL(good), transaction, now)).code).toBe("code-canary")
    const path = good.replace("https://app.example", "")
    expect(succeeded(parseAuthorizationResponse(path, transaction, now)).code).toBe("code-canary")
  })

  test("prints without its code and verifier", () => {
    const response = succeeded(parseAuthorizationResponse(good, transaction, now))
    const printed = [inspect(response), inspect({ response }), JSON.stringify(response), `${response}`].join()
    expect(printed).not.toContain("canary")
    expect(printed).toContain("[redacted]")
  })

  test("shows whether it has a verifier, and everything that is no secret", () => {
    const shown = { code: "[redacted]", redirectUri: "https://app.example/callback", scope: "projects" }
    const response = (codeVerifier: string | undefined) =>
      succeeded(parseAuthorizationResponse(good, { ...transaction, codeVerifier }, now)).toJSON()
    expect(response(transaction.codeVerifier)).toEqual({
      ...shown,
      codeVerifier: "[redacted]",
      returnTo: "/map",
    })
    expect(response(undefined)).toEqual({ ...shown, codeVerifier: undefined, returnTo: "/map" })
  })

  test.each([
    ["no state", "code=c", "stateMismatch"],
    ["an empty state", "code=c&state=", "stateMismatch"],
    ["another state", "code=c&state=state-of-other-login", "stateMismatch"],
    ["another state of the same length", "code=c&state=state-of-that-login", "stateMismatch"],
    ["the beginning of the state", "code=c&state=state-of-this-logi", "stateMismatch"],
    ["the state and more", "code=c&state=state-of-this-login-", "stateMismatch"],
    ["the state's end", "code=c&state=tate-of-this-login", "stateMismatch"],
    ["an error with another state", "error=access_denied&state=evil", "stateMismatch"],
    ["two states, the first one right", "code=c&state=state-of-this-login&state=evil", "duplicateParameter"],
    ["two codes", "code=c&code=d&state=state-of-this-login", "duplicateParameter"],
    ["two errors", "error=a&error=b&state=state-of-this-login", "duplicateParameter"],
    [
      "two descriptions",
      "error=a&error_description=b&error_description=c&state=state-of-this-login",
      "duplicateParameter",
    ],
    ["two URIs", "error=a&error_uri=b&error_uri=c&state=state-of-this-login", "duplicateParameter"],
    ["neither code nor error", "state=state-of-this-login", "codeMissing"],
    ["an empty code", "code=&state=state-of-this-login", "codeMissing"],
  ])("%s is refused", (_, query, reason) => {
    expect(refusal(query)).toMatchObject({ _tag: "InvalidAuthorizationResponse", reason, action: "login" })
  })

  test("the state is checked before everything else", () => {
    expect(refusal("code=c&code=d&error=x&state=evil").reason).toBe("stateMismatch")
    expect(refusal("code=c&state=evil", now + 1e9).reason).toBe("stateMismatch")
  })

  test("the comparison reads the whole state, wherever the first difference is", () => {
    const read = vi.spyOn(String.prototype, "charCodeAt")
    onTestFinished(() => read.mockRestore())
    const looksFor = (state: string) => {
      read.mockClear()
      parseAuthorizationResponse(callback(`code=c&state=${state}`), transaction, now)
      return read.mock.contexts.filter((text) => String(text) === transaction.state).length
    }
    const looks = transaction.state.length
    expect(looksFor("Xtate-of-this-login")).toBe(looks)
    expect(looksFor("state-of-this-logiX")).toBe(looks)
  })

  test("a login may take an hour", () => {
    const at = transaction.createdAt + 3_600_000
    expect(succeeded(parseAuthorizationResponse(good, transaction, at)).code).toBe("code-canary")
    expect(refusal("code=c&state=state-of-this-login", at + 1).reason).toBe("expired")
  })

  test("a URL that cannot be read", () => {
    expect(failed(parseAuthorizationResponse("http://[", transaction, now))).toMatchObject({
      reason: "invalidUrl",
    })
  })

  test.each([{}, { url: "/callback" }, { href: 7 }, 7, true, undefined, null])(
    "%j in place of a URL is not a login of someone else",
    (value) => {
      expect(failed(parseAuthorizationResponse(value as never, transaction, now))).toMatchObject({
        reason: "invalidUrl",
      })
    },
  )

  test("an error redirect is typed", () => {
    const query =
      "error=access_denied&error_description=The+user+has+refused+access.&state=state-of-this-login"
    expect(refusal(query)).toMatchObject({
      _tag: "AuthorizationErrorResponse",
      error: "access_denied",
      errorDescription: "The user has refused access.",
      action: "login",
      message:
        'The authorization server returned "access_denied": The user has refused access. Offer the login again.',
    })
  })

  test("an error redirect keeps its URI, and has neither text nor URI if it names none", () => {
    const withUri = refusal("error=a&error_uri=https%3A%2F%2Fas.example%2Fe&state=state-of-this-login")
    expect(withUri).toMatchObject({ error: "a", errorUri: "https://as.example/e" })
    expect(withUri).not.toHaveProperty("errorDescription")
    const bare = refusal("error=a&error_description=&state=state-of-this-login")
    expect(bare).toMatchObject({ error: "a" })
    expect(bare).not.toHaveProperty("errorDescription")
    expect(bare).not.toHaveProperty("errorUri")
  })

  test("an error that quotes a secret is cleaned", () => {
    const error = refusal(
      `error=server_error&error_description=${transaction.codeVerifier}&error_uri=${transaction.codeVerifier}&code=code-canary&state=state-of-this-login`,
    )
    expect(inspect(error) + JSON.stringify(error)).not.toContain("canary")
    for (const secret of ["code-canary", transaction.codeVerifier, transaction.state]) {
      const query = `error=x-${secret}&error_description=a+${secret}&error_uri=b-${secret}&code=code-canary&state=${transaction.state}`
      expect(refusal(query)).toMatchObject({
        error: "x-[redacted]",
        errorDescription: "a [redacted]",
        errorUri: "b-[redacted]",
      })
    }
  })

  test("every callback gives a code or a typed error", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl({ withQueryParameters: true }),
          fc.webQueryParameters().map(callback),
        ),
        (url) => {
          expect(isTokenError(failed(parseAuthorizationResponse(url, transaction, now)))).toBe(true)
        },
      ),
    )
  })
})

describe("the transaction", () => {
  test("is restored from its string, which is opaque", () => {
    const text = serializeTransaction(transaction)
    expect(succeeded(restoreTransaction(text))).toEqual(transaction)
    expect(text).toMatch(/^[A-Za-z0-9_-]+$/)
  })

  test("is restored for all values", () => {
    const optional = fc.option(fc.string({ unit: "grapheme" }), { nil: undefined })
    fc.assert(
      fc.property(
        fc.record({
          state: fc.string({ minLength: 1 }),
          codeVerifier: optional,
          redirectUri: optional,
          scope: optional,
          returnTo: optional,
          createdAt: fc.nat(),
        }),
        (value) => {
          expect(succeeded(restoreTransaction(serializeTransaction(value)))).toEqual(value)
        },
      ),
    )
  })

  const fields = (...changed: readonly (readonly [at: number, value: unknown])[]) => {
    const all: unknown[] = JSON.parse(Buffer.from(serializeTransaction(transaction), "base64url").toString())
    for (const [at, value] of changed) all[at] = value
    return Buffer.from(JSON.stringify(all)).toString("base64url")
  }

  test("is restored from its fields", () => {
    expect(succeeded(restoreTransaction(fields()))).toEqual(transaction)
  })

  test.each([
    ["of another version", fields([0, 2])],
    ["without a version", fields([0, null])],
    ["without its time", fields([1, null])],
    ["whose time is text", fields([1, "now"])],
    ["without a state", fields([2, null])],
    ["with an empty state", fields([2, ""])],
    ["whose state is a number", fields([2, 7])],
    ["whose verifier is a number", fields([3, 7])],
    ["whose redirect URI is a number", fields([4, 7])],
    ["whose scope is a list", fields([5, ["projects"]])],
    ["whose return address is an object", fields([6, {}])],
    ["with a field more", fields([7, "more"])],
  ])("one %s is refused", (_, text) => {
    expect(failed(restoreTransaction(text))).toMatchObject({ reason: "invalidTransaction" })
  })

  test("a callback without a state does not match a transaction with an empty state", () => {
    const text = serializeTransaction({ ...transaction, state: "" })
    expect(failed(restoreTransaction(text))).toMatchObject({ reason: "invalidTransaction" })
  })

  test.each([undefined, null, "", "nonsense", "e30", 7, serializeTransaction(transaction).slice(0, -4)])(
    "%o is refused",
    (text) => {
      expect(failed(restoreTransaction(text))).toMatchObject({
        _tag: "InvalidAuthorizationResponse",
        reason: "invalidTransaction",
      })
    },
  )
})
