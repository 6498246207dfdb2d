import { describe, expect, it } from "vitest"
import { makeTokenClient, memoryTokenStore, requireExtra, rfc6749 } from "../../src/promise/index.js"

const client = makeTokenClient(
  {
    clientId: "app",
    redirectUri: "https://app.example/callback",
    clientAuthentication: "none",
    server: rfc6749({
      authorizationEndpoint: "https://as.example/authorize",
      tokenEndpoint: "https://as.example/token",
    }),
  },
  {
    transport: () => Promise.reject(new Error("sends nothing")),
    crypto: globalThis.crypto,
    store: memoryTokenStore(),
  },
)

describe("further parameters of an authorization request", () => {
  it("are added to the URL", async () => {
    const extra = { prompt: "login", login_hint: "ada@example.com", ui_locales: "nl en" }
    const { url } = await client.createAuthorizationRequest({ extra })
    expect(Object.fromEntries(new URL(url).searchParams)).toMatchObject(extra)
  })

  it.each([
    "response_type",
    "response_mode",
    "client_id",
    "client_secret",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
  ])("cannot be %s, which is reserved", async (name) => {
    const expected = { _tag: "ConfigurationError", option: `extra.${name}` }
    await expect(client.createAuthorizationRequest({ extra: { [name]: "canary" } })).rejects.toMatchObject(
      expected,
    )
    expect(() => requireExtra({ [name]: "canary" })).toThrow(expect.objectContaining(expected))
    expect(() => requireExtra({ [name]: "canary" })).not.toThrow(/canary/)
  })

  const own = "left out: each request sets it by itself"
  const ofOption = (option: string) => `set by the option "${option}", which has its own checks`
  it.each([
    ["response_type", own],
    ["response_mode", "left out: the response is read from the query of the redirect URI"],
    ["client_id", ofOption("clientId")],
    ["client_secret", "left out: a URL must not hold a secret"],
    ["redirect_uri", ofOption("redirectUri")],
    ["scope", ofOption("scope")],
    ["state", own],
    ["code_challenge", own],
    ["code_challenge_method", own],
    ["code_verifier", own],
  ])("%s: the error says what to do instead", (name, expected) => {
    expect(() => requireExtra({ [name]: "x" })).toThrow(
      `Option "extra.${name}" must be ${expected}, got a reserved parameter`,
    )
  })

  it("must be strings: the error names the parameter, and gives an example", () => {
    expect(() => requireExtra({ prompt: "login", max_age: 7 })).toThrow(
      'Option "extra.max_age" must be a string, got a number',
    )
    expect(() => requireExtra(["prompt"])).toThrow(
      'Option "extra" must be an object of strings, such as { prompt: "login" }, got ',
    )
    expect(requireExtra(undefined)).toEqual({})
  })

  it.each([null, "prompt=login", ["prompt"], 7, { prompt: 7 }, { prompt: "" }, { prompt: undefined }])(
    "cannot be %j",
    (extra) => {
      expect(() => requireExtra(extra)).toThrow(expect.objectContaining({ _tag: "ConfigurationError" }))
    },
  )
})
