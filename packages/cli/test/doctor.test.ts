import { readFileSync } from "node:fs"
import { join } from "node:path"
import { type MockServerOptions, optionsFromHabits } from "@ellipsis-oauth/mock-server"
import { afterAll, describe, expect, it } from "vitest"
import { buildCommand } from "./buildCommand.js"
import { listening } from "./listening.js"

const command = await buildCommand()
afterAll(() => command[Symbol.dispose]())

const clients = [
  { clientId: "public-app", redirectUris: ["http://127.0.0.1/callback"] },
  { clientId: "secret-app", clientSecret: "kanary-secret", redirectUris: ["http://127.0.0.1/callback"] },
]

const secret = { ELLIPSIS_OAUTH_CLIENT_SECRET: "kanary-secret" }

/** Written in another way in each encoding. */
const odd = { clientId: "odd-app", clientSecret: 'kanary-%+"secret\\é' }

/** The whole examination, with a browser that follows every redirect. */
const examine = async (
  options: MockServerOptions,
  clientId: string,
  env: Record<string, string> = clientId === "secret-app" ? secret : {},
) => {
  const server = await listening({ clients, loopbackRedirect: "anyPort", ...options })
  const user = command.user(env)
  const args = ["doctor", "--no-browser", "--port", "0", "--base-url", server.url, "--client-id", clientId]
  const { said, ended } = user.start(args)
  const [, url = ""] = await said(/^ {2}(http\S+)$/m)
  await fetch(url)
  const { code, stdout, stderr } = await ended
  const written = (name: string) => readFileSync(join(user.home, name), "utf8")
  const transcript = written("ellipsis-oauth-transcript.txt")
  const { observedAt, ...habits } = JSON.parse(written("ellipsis-oauth-habits.json"))
  expect(observedAt).toMatch(/^\d{4}-\d{2}-\d{2}T/)
  // What was sent or issued is in the log, unredacted.
  const secrets = server.log.flatMap(({ parameters }) =>
    ["client_secret", "refresh_token", "authorization_code", "code_verifier"].flatMap(
      (name) => parameters[name] ?? [],
    ),
  )
  expect(secrets.length).toBeGreaterThan(2)
  // Each token of the trees, whatever its depth.
  const issued = [...JSON.stringify(server.families).matchAll(/"token":"([^"]+)"/g)].map(
    ([, token = ""]) => token,
  )
  expect(issued.length).toBeGreaterThan(1)
  for (const text of [transcript, stdout, stderr, JSON.stringify(habits)]) {
    for (const found of [...secrets, ...issued]) expect(text).not.toContain(found)
  }
  return { server, user, code, stdout, stderr, transcript, habits }
}

const secretNeeded =
  "A refresh without the client secret was refused. To see whether public clients are allowed, run doctor with --client-authentication none and a public client."

const found = { format: "ellipsis-oauth/server-habits@1", notes: [secretNeeded] }

/** Of the mock server, unless an option says otherwise. */
const usual = {
  clientAuthentication: ["body", "basic"],
  withoutSecret: "refused",
  codeParameter: "authorization_code",
  pkce: "optional",
  pkceMethods: ["S256", "plain"],
  refreshToken: "present",
  unknownRefreshToken: "refused",
  scope: "always",
  scopes: ["projects"],
  tokenStatus: 200,
  grantErrorStatus: 400,
  clientErrorStatus: 401,
}

describe("doctor", () => {
  it.each([
    [
      "the defaults",
      {},
      {
        bodyEncoding: ["form", "json"],
        rotation: "never",
        expiresIn: "number",
        tokenType: "present",
        errorBody: "rfc6749",
        accessTokenLifetime: 3600,
      },
      "",
    ],
    [
      "JSON alone, rotation, expires_in in quotes, messages",
      { bodyEncoding: "json", rotation: "always", expiresIn: "string", errorFormat: "message" },
      {
        bodyEncoding: ["json"],
        rotation: "always",
        spentRefreshToken: "endsLogin",
        expiresIn: "string",
        tokenType: "present",
        errorBody: "message",
        accessTokenLifetime: 3600,
      },
      ', bodyEncoding: "json"',
    ],
    [
      "forms alone, little in a response, text",
      { bodyEncoding: "form", expiresIn: "omit", tokenType: "omit", errorFormat: "text" },
      {
        bodyEncoding: ["form"],
        rotation: "never",
        expiresIn: "absent",
        tokenType: "absent",
        errorBody: "text",
      },
      "",
    ],
    [
      "JSON alone and text",
      { bodyEncoding: "json", errorFormat: "text", accessTokenLifetime: "15 minutes" },
      {
        bodyEncoding: ["json"],
        rotation: "never",
        expiresIn: "number",
        tokenType: "present",
        errorBody: "text",
        accessTokenLifetime: 900,
      },
      ', bodyEncoding: "json"',
    ],
  ] as const)("sees %s", async (_, options, expected, pasted) => {
    const { server, code, stdout, stderr, transcript, habits, user } = await examine(options, "secret-app")
    expect(code, stderr).toBe(0)
    expect(habits).toEqual({ ...found, ...usual, server: server.url, ...expected })
    expect(stdout).toContain(`\n  ellipsisDrive({ baseUrl: "${server.url}"${pasted} })\n`)
    expect(transcript).toContain("## A refresh without the client secret\n\nPOST ")
    expect(stderr).toMatch(/without secrets\. No token was stored\.\n$/)
    expect((await user.run(["profiles", "--json"])).stdout).toBe("[]\n")
  })

  it("sees that public clients are allowed, by being one", async () => {
    const { code, habits } = await examine({ rotation: "always" }, "public-app")
    expect(code).toBe(0)
    expect(habits).toMatchObject({ publicClients: "allowed", rotation: "always", notes: [] })
  })

  it("writes a file that makes the mock server behave the same", async () => {
    const options = {
      bodyEncoding: "json",
      rotation: "always",
      expiresIn: "string",
      errorFormat: "message",
    } as const
    const { habits } = await examine(options, "public-app")
    const alike = await examine(optionsFromHabits(habits), "public-app")
    expect({ ...alike.habits, server: habits.server }).toEqual(habits)
    expect(habits).toMatchObject({ bodyEncoding: ["json"], rotation: "always", publicClients: "allowed" })
  })

  it("reports its findings also for a login that failed", async () => {
    const server = await listening({ clients, loopbackRedirect: "anyPort", publicClients: "refuse" })
    const user = command.user()
    const { said, ended } = user.start([
      "doctor",
      "--no-browser",
      "--port",
      "0",
      "--base-url",
      server.url,
      "--client-id",
      "public-app",
      "--output",
      "found",
    ])
    const [, url = ""] = await said(/^ {2}(http\S+)$/m)
    await fetch(url)
    const { code, stdout } = await ended
    expect(code).toBe(5)
    expect(stdout).toMatch(/^ {2}Public clients +are refused at the token endpoint$/m)
    expect(stdout).toMatch(/^ {2}Refresh tokens +not seen$/m)
    const habits = JSON.parse(readFileSync(join(user.home, "found/ellipsis-oauth-habits.json"), "utf8"))
    expect(habits.publicClients).toBe("refused")
  })

  it.each(["body", "basic"] as const)(
    "shows a secret with special characters in no encoding, sent by %s",
    async (clientAuthentication) => {
      const server = {
        clientAuthentication,
        clients: [{ ...odd, redirectUris: ["http://127.0.0.1/callback"] }],
      }
      const { clientId, clientSecret } = odd
      const { code, transcript } = await examine(server, clientId, {
        ELLIPSIS_OAUTH_CLIENT_SECRET: clientSecret,
      })
      expect(code).toBe(0)
      const formEncoded = new URLSearchParams([["", clientSecret]]).toString().slice(1)
      for (const written of [
        clientSecret,
        formEncoded,
        encodeURIComponent(clientSecret),
        JSON.stringify(clientSecret).slice(1, -1),
        Buffer.from(`${clientId}:${clientSecret}`).toString("base64"),
        Buffer.from(`${clientId}:${formEncoded}`).toString("base64"),
      ]) {
        expect(transcript).not.toContain(written)
      }
    },
  )
})
