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

  it.each([null, "prompt=login", ["prompt"], 7, { prompt: 7 }, { prompt: "" }, { prompt: undefined }])(
    "cannot be %j",
    (extra) => {
      expect(() => requireExtra(extra)).toThrow(expect.objectContaining({ _tag: "ConfigurationError" }))
    },
  )
})
