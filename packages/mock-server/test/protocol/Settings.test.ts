import { describe, expect, it } from "vitest"
import { createMockServer, type MockServerOptions, OptionError } from "../../src/index.js"

const client = { clientId: "a", redirectUris: ["http://localhost/cb"] }

describe("options", () => {
  it.each<[string, Record<string, unknown>]>([
    ["codeLifetme", { codeLifetme: 1 }],
    ["codeLifetime", { codeLifetime: "soon" }],
    ["accessTokenLifetime", { accessTokenLifetime: 999 }],
    ["refreshTokenLifetime", { refreshTokenLifetime: "ever" }],
    ["rotation", { rotation: "sometimes" }],
    ["rotation.grace", { rotation: { grace: "a bit" } }],
    ["rotation.reuse", { rotation: { reuse: "allow" } }],
    ["rotation.gracee", { rotation: { gracee: 1 } }],
    ["codeReuse", { codeReuse: true }],
    ["scopes", { scopes: [] }],
    ["scopes", { scopes: ["a b"] }],
    ["seed", { seed: {} }],
    ["now", { now: "today" }],
    ["codeParameter", { codeParameter: "kode" }],
    ["expiresIn", { expiresIn: 3600 }],
    ["tokenType", { tokenType: "mac" }],
    ["scopeInReply", { scopeInReply: 1 }],
    ["refreshTokens", { refreshTokens: false }],
    ["unknownRefreshTokens", { unknownRefreshTokens: true }],
    ["tokenStatus", { tokenStatus: 302 }],
    ["errorStatus", { errorStatus: 400 }],
    ["errorStatus.invalid_grant", { errorStatus: { invalid_grant: 1000 } }],
    ["errorStatus.invalid_scope", { errorStatus: { invalid_scope: 400 } }],
    ["clientAuthentication", { clientAuthentication: "post" }],
    ["clientSecrets", { clientSecrets: "none" }],
    ["pkceMethods", { pkceMethods: [] }],
    ["pkceMethods[0]", { pkceMethods: ["s256"] }],
    ["errorFormat", { errorFormat: "xml" }],
    ["publicClients", { publicClients: false }],
    ["bodyEncoding", { bodyEncoding: "xml" }],
    ["basicDecoding", { basicDecoding: "none" }],
    ["pkce", { pkce: "off" }],
    ["loopbackRedirect", { loopbackRedirect: "any" }],
    ["autoApprove", { autoApprove: "yes" }],
    ["cors", { cors: ["http://localhost:5173/"] }],
    ["logSize", { logSize: 0 }],
    ["paths", { paths: {} }],
    ["paths[0]", { paths: ["a"] }],
    ["paths[0].id", { paths: [{ id: "a/b", type: "raster" }] }],
    ["paths[0].type", { paths: [{ id: "a", type: "map" }] }],
    ["paths[0].timestampId", { paths: [{ id: "a", type: "raster", timestampId: "" }] }],
    ["paths[0].features", { paths: [{ id: "a", type: "vector", features: [{}] }] }],
    ["paths[0].tiles", { paths: [{ id: "a", type: "raster", tiles: 1 }] }],
    ["users", { users: [] }],
    ["users[0]", { users: [{ id: "x" }] }],
    ["clients", { clients: [] }],
    ["clients[0]", { clients: ["a"] }],
    ["clients[0].clientId", { clients: [{ ...client, clientId: "" }] }],
    ["clients[0].clientId", { clients: [{ ...client, clientId: "a".repeat(51) }] }],
    ["clients[1].clientId", { clients: [client, client] }],
    ["clients[0].clientSecret", { clients: [{ ...client, clientSecret: "" }] }],
    ["clients[0].clientSecret", { clients: [{ ...client, clientSecret: "a".repeat(101) }] }],
    ["clients[0].redirectUris", { clients: [{ clientId: "a" }] }],
    ["clients[0].redirectUris[0]", { clients: [{ clientId: "a", redirectUris: ["/cb"] }] }],
    ["clients[0].redirectUris[0]", { clients: [{ clientId: "a", redirectUris: ["http://a/#b"] }] }],
    [
      "clients[0].redirectUris[0]",
      { clients: [{ clientId: "a", redirectUris: [`http://a/${"b".repeat(100)}`] }] },
    ],
    ["clients[0].loopbackPaths", { clients: [{ ...client, loopbackPaths: "/cb" }] }],
    ["clients[0].loopbackPaths[0]", { clients: [{ ...client, loopbackPaths: ["cb"] }] }],
    ["clients[0].loopbackPaths[0]", { clients: [{ ...client, loopbackPaths: ["/cb?a"] }] }],
    ["clients[0].secret", { clients: [{ ...client, secret: "x" }] }],
  ])("%s is named when it is bad: %j", (option, options) => {
    const create = () => createMockServer(options as MockServerOptions)
    expect(create).toThrow(OptionError)
    expect(create).toThrow(expect.objectContaining({ option }))
    expect(create).toThrow(/^Option ".+" (must be .+, got .+|is not known\. .+)[.?]$/)
  })

  it("has no client secret in its message", () => {
    for (const clientSecret of ["hush".repeat(26), { hush: 1 }]) {
      const create = () =>
        createMockServer({ clients: [{ ...client, clientSecret: clientSecret as string }] })
      expect(create).toThrow(
        /^Option "clients\[0\]\.clientSecret" must be a string of 1 to 100 characters, got /,
      )
      expect(create).toThrow(expect.objectContaining({ message: expect.not.stringContaining("hush") }))
    }
    const misplaced = [{ ...client, secret: "hush" }]
    expect(() => createMockServer({ clients: misplaced })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("hush") }),
    )
  })

  it("has defaults that need no configuration", () => {
    expect(createMockServer().authorize({ clientId: "demo-app" }).code).toMatch(/^[0-9a-f-]{36}$/)
    expect(createMockServer().authorize({ clientId: "demo-spa" }).redirectUrl).toMatch(
      /^http:\/\/localhost:3000\/callback\?code=/,
    )
  })
})
