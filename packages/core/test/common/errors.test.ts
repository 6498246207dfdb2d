import { describe, expect, test } from "vitest"
import {
  AuthorizationErrorResponse,
  ConfigurationError,
  InvalidAuthorizationResponse,
  InvalidTokenResponse,
  isTokenError,
  LoginAbandoned,
  LoginRequired,
  PopupError,
  TokenEndpointUnavailable,
  TokenErrorResponse,
  TokenStoreError,
  TransportError,
} from "../../src/index.js"

const errors = {
  AuthorizationErrorResponse: new AuthorizationErrorResponse({ error: "access_denied" }),
  ConfigurationError: new ConfigurationError({ option: "x", got: "1", expected: "2" }),
  InvalidAuthorizationResponse: new InvalidAuthorizationResponse({ reason: "expired" }),
  InvalidTokenResponse: new InvalidTokenResponse({ status: 200, problem: "the body is not JSON" }),
  LoginRequired: new LoginRequired({ reason: "noToken", key: "ada" }),
  TokenEndpointUnavailable: new TokenEndpointUnavailable({ status: 503 }),
  TokenErrorResponse: new TokenErrorResponse({ status: 400, error: "invalid_grant", inferred: false }),
  TokenStoreError: new TokenStoreError({ reason: "unavailable", key: "ada" }),
  TransportError: new TransportError({ reason: "network", sent: "maybe" }),
}

describe.each(Object.entries(errors))("%s", (tag, error) => {
  test("has its tag as its name, as a log shows it", () => {
    expect([error._tag, error.name]).toEqual([tag, tag])
    expect(String(error)).toBe(`${tag}: ${error.message}`)
    expect(error.stack).toContain(`${tag}: ${error.message}`)
    expect(Object.keys(error)).not.toContain("name")
  })

  test("is an Error of this library", () => {
    expect(error).toBeInstanceOf(Error)
    expect(isTokenError(error)).toBe(true)
  })
})

test("a login that took too long says so", () => {
  const { message } = new InvalidAuthorizationResponse({ reason: "expired" })
  expect(message).toBe(
    "The authorization response was refused: this login took too long. Start the login again.",
  )
})

test.each([
  [
    new AuthorizationErrorResponse({ error: "access_denied" }),
    "Access was not allowed. You can sign in again.",
  ],
  [new AuthorizationErrorResponse({ error: "login_required" }), "Please sign in again."],
  [new LoginRequired({ reason: "noToken", key: "ada" }), "Please sign in."],
  [new LoginRequired({ reason: "revoked", key: "ada" }), "Please sign in again."],
  [new TransportError({ reason: "offline", sent: "no" }), "You are offline. You stay signed in."],
  [
    new TransportError({ reason: "network", sent: "no" }),
    "The service cannot be reached right now. Please try again.",
  ],
  [
    new InvalidAuthorizationResponse({ reason: "expired" }),
    "This sign-in link is not valid. Please sign in again.",
  ],
  [
    new ConfigurationError({ option: "x", got: "1", expected: "2" }),
    "This app is not set up correctly. Please contact its support.",
  ],
])("%s has words for the person in front of the screen", (error, words) => {
  expect(error.userMessage).toBe(words)
})

test("the error for an option that must not be set says so", () => {
  const { message } = new ConfigurationError({ option: "x", got: "given", expected: "not be set: why" })
  expect(message).toBe('Option "x" must not be set: why.')
})

// What developers and users read. Each says what happened, then what to do.
describe("the texts of each error", () => {
  const response = { status: 400, inferred: false } as const
  const all = [
    ...["access_denied", "invalid_request", "invalid_scope", "unauthorized_client"].map(
      (error) => new AuthorizationErrorResponse({ error }),
    ),
    ...["unsupported_response_type", "server_error", "temporarily_unavailable", "login_required"].map(
      (error) => new AuthorizationErrorResponse({ error, errorDescription: "it says why" }),
    ),
    new ConfigurationError({ option: "timeout", got: "0", expected: "milliseconds" }),
    ...(
      [
        "invalidUrl",
        "invalidTransaction",
        "stateMismatch",
        "duplicateParameter",
        "codeMissing",
        "expired",
      ] as const
    ).map((reason) => new InvalidAuthorizationResponse({ reason })),
    new InvalidTokenResponse({ status: 200, problem: "the body is not JSON" }),
    new InvalidTokenResponse({ status: 200, problem: "the body is not JSON", hint: "set it." }),
    new LoginAbandoned({}),
    ...(["noToken", "revoked", "expired"] as const).map(
      (reason) => new LoginRequired({ reason, key: "ada" }),
    ),
    ...(["blocked", "closed", "replaced", "timeout"] as const).map((reason) => new PopupError({ reason })),
    new TokenEndpointUnavailable({ status: 503 }),
    new TokenEndpointUnavailable({ status: 429, retryAfter: 1001, summary: "Too many requests!" }),
    new TokenErrorResponse({ ...response, error: "invalid_grant" }),
    new TokenErrorResponse({ ...response, error: "invalid_client", errorDescription: "no", hint: "set it." }),
    ...(
      ["unavailable", "unusable", "leaseTimeout", "notDurable", "corrupt", "foreign", "wrongKey"] as const
    ).map((reason) => new TokenStoreError({ reason, key: "ada" })),
    new TokenStoreError({ reason: "unavailable", key: "ada", detail: "EIO" }),
    ...(["network", "timeout", "redirect", "offline", "blocked"] as const).map(
      (reason) => new TransportError({ reason, sent: "maybe" }),
    ),
    new TransportError({ reason: "network", sent: "no", detail: "ECONNREFUSED", hint: "Start it." }),
  ]

  test("are reviewed as a list", async () => {
    const lines = all.map(
      ({ name, action, message, userMessage }) =>
        `${name}, ${action}\n  developer: ${message}\n  user: ${userMessage}\n`,
    )
    await expect(lines.join("\n")).toMatchFileSnapshot("errorTexts.txt")
  })

  test("the same store error has all but its reason or its key", () => {
    const error = new TokenStoreError({ reason: "unavailable", key: "hash", detail: "EIO" })
    expect(error.as("notDurable")).toMatchObject({ reason: "notDurable", key: "hash", detail: "EIO" })
    expect(error.at("ada")).toMatchObject({ reason: "unavailable", key: "ada", detail: "EIO" })
  })
})
