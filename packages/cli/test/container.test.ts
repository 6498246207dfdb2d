// CI, cron and containers: no terminal, no browser, no home, often a proxy.
import { chmodSync, copyFileSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { MockServer, MockServerOptions } from "@ellipsis-oauth/mock-server"
import { sqliteTokenStore } from "@ellipsis-oauth/node"
import { afterAll, describe, expect, it, onTestFinished } from "vitest"
import { buildCommand } from "./buildCommand.js"
import { listening } from "./listening.js"
import { startProxy } from "./proxy.js"

const command = await buildCommand()
afterAll(() => command[Symbol.dispose]())

const redirectUri = "http://127.0.0.1/callback"
const clients = [
  { clientId: "public-app", redirectUris: [redirectUri] },
  { clientId: "secret-app", clientSecret: "kanary-secret", redirectUris: [redirectUri] },
]

const provider = (options: MockServerOptions = {}) =>
  listening({ clients, loopbackRedirect: "anyPort", rotation: "always", ...options })

/** A login on another machine: its refresh token is the CI secret. */
const refreshTokenOf = async (server: MockServer, clientId: string): Promise<string> => {
  const { code } = server.authorize({ clientId, redirectUri })
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    client_id: clientId,
    authorization_code: code,
    redirect_uri: redirectUri,
    ...(clientId === "secret-app" ? { client_secret: "kanary-secret" } : {}),
  })
  const response = await server.fetch(`${server.url}/oauth/token`, { method: "POST", body })
  const { refresh_token: refreshToken } = (await response.json()) as { refresh_token?: string }
  if (refreshToken === undefined) throw new Error(`no refresh token: HTTP ${response.status}`)
  return refreshToken
}

const account = async (server: MockServer, token: string) =>
  (await server.fetch(`${server.url}/account`, { headers: { authorization: `Bearer ${token.trim()}` } }))
    .status

const refreshes = (server: MockServer) =>
  server.log.filter(({ grantType }) => grantType === "refresh_token").length

const setUp = async (options: MockServerOptions = {}) => {
  const server = await provider(options)
  const refreshToken = await refreshTokenOf(server, "secret-app")
  const { volume, run } = command.container()
  const variables = {
    ELLIPSIS_OAUTH_HOME: volume,
    ELLIPSIS_OAUTH_BASE_URL: server.url,
    ELLIPSIS_OAUTH_CLIENT_ID: "secret-app",
    ELLIPSIS_OAUTH_CLIENT_SECRET: "kanary-secret",
    ELLIPSIS_OAUTH_REFRESH_TOKEN: refreshToken,
  }
  return { server, refreshToken, volume, run, variables }
}

describe("environment variables", () => {
  it("are enough for a token, also repeatedly at a server that rotates refresh tokens", async () => {
    const { server, run, variables, volume } = await setUp()
    const first = await run(["token"], variables)
    expect(first).toMatchObject({
      code: 0,
      stderr: `The server replaced the refresh token from $ELLIPSIS_OAUTH_REFRESH_TOKEN, which is no longer valid. Keep ${volume}/tokens.sqlite for the next run.\n`,
    })
    expect(await account(server, first.stdout)).toBe(200)
    expect(await run(["token"], variables)).toEqual({ code: 0, stdout: first.stdout, stderr: "" })
    const forced = await run(["token", "--force"], variables)
    expect(forced).toMatchObject({ code: 0, stderr: "" })
    expect(await account(server, forced.stdout)).toBe(200)
    expect(refreshes(server)).toBe(2)
    expect(server.log.filter(({ decision }) => decision === "refused")).toEqual([])
    // From now on the profile has the other settings.
    const { ELLIPSIS_OAUTH_HOME, ELLIPSIS_OAUTH_CLIENT_SECRET } = variables
    expect((await run(["token"], { ELLIPSIS_OAUTH_HOME, ELLIPSIS_OAUTH_CLIENT_SECRET })).stdout).toBe(
      forced.stdout,
    )
  })

  it("may get the client secret after a first run without it, which the server refused", async () => {
    const { server, run, variables } = await setUp()
    const { ELLIPSIS_OAUTH_CLIENT_SECRET: _, ...withoutSecret } = variables
    expect(await run(["token"], withoutSecret)).toMatchObject({
      code: 5,
      stdout: "",
      stderr: expect.stringContaining(
        "The request had no client secret. If the client has one, set $ELLIPSIS_OAUTH_CLIENT_SECRET or use --client-secret-file.",
      ),
    })
    const second = await run(["token"], variables)
    expect(second.code).toBe(0)
    expect(await account(server, second.stdout)).toBe(200)
  })

  it("do not give the client secret to a public client of another profile", async () => {
    const { server, run, variables } = await setUp()
    const publicToken = await refreshTokenOf(server, "public-app")
    const other = {
      ...variables,
      ELLIPSIS_OAUTH_PROFILE: "public",
      ELLIPSIS_OAUTH_REFRESH_TOKEN: publicToken,
    }
    const args = ["import", "--client-id", "public-app"]
    const { ELLIPSIS_OAUTH_CLIENT_SECRET: _, ...withoutSecret } = other
    expect((await run(args, withoutSecret)).code).toBe(0)
    expect((await run(args, other)).code).toBe(0)
    const { stdout } = await run(["status", "--json"], other)
    expect(JSON.parse(stdout)).toMatchObject({ clientId: "public-app", clientSecret: "none" })
  })

  it("import a client secret that an earlier import did not have", async () => {
    const { run, variables } = await setUp()
    const { ELLIPSIS_OAUTH_CLIENT_SECRET: _, ...withoutSecret } = variables
    expect((await run(["import"], withoutSecret)).code).toBe(0)
    expect((await run(["import", "--save-secret"], variables)).code).toBe(0)
    const { ELLIPSIS_OAUTH_HOME } = variables
    expect(await run(["token"], { ELLIPSIS_OAUTH_HOME })).toMatchObject({ code: 0 })
  })

  it("create one login, even if many jobs start at once", async () => {
    const { server, run, variables } = await setUp()
    const jobs = await Promise.all(Array.from({ length: 6 }, () => run(["token"], variables)))
    expect(jobs.map(({ code }) => code)).toEqual(Array.from({ length: 6 }, () => 0))
    expect(new Set(jobs.map(({ stdout }) => stdout)).size).toBe(1)
    expect(refreshes(server)).toBe(1)
    expect((await run(["token", "--force"], variables)).code).toBe(0)
  })

  it("are imported by one job at a time: a second import would restore a used refresh token", async () => {
    const { server, variables } = await setUp()
    const user = command.user()
    const home = { ...variables, ELLIPSIS_OAUTH_HOME: user.home }
    const store = sqliteTokenStore({ path: join(user.home, "tokens.sqlite") })
    await store.lease("import:default", "another job", 3_600_000)
    const { child, ended } = user.start(["token"], home)
    child.stdin.end()
    // Long enough for a job that does not wait.
    for (let run = 0; run < 3; run++) await user.run(["profiles"], home)
    expect(refreshes(server)).toBe(0)
    await store.release("import:default", "another job")
    await store.close?.()
    expect((await ended).code).toBe(0)
    expect(refreshes(server)).toBe(1)
  })

  it("can name files instead, but not both can be set", async () => {
    const { run, variables, refreshToken, volume } = await setUp()
    const files = {
      ...variables,
      ELLIPSIS_OAUTH_CLIENT_SECRET: "",
      ELLIPSIS_OAUTH_CLIENT_SECRET_FILE: join(volume, "secret"),
      ELLIPSIS_OAUTH_REFRESH_TOKEN: "",
      ELLIPSIS_OAUTH_REFRESH_TOKEN_FILE: join(volume, "refresh"),
    }
    writeFileSync(join(volume, "secret"), "kanary-secret\n")
    writeFileSync(join(volume, "refresh"), `${refreshToken}\n`)
    expect((await run(["token"], files)).code).toBe(0)
    expect(await run(["token"], { ...files, ELLIPSIS_OAUTH_REFRESH_TOKEN: refreshToken })).toEqual({
      code: 5,
      stdout: "",
      stderr:
        "ellipsis-oauth: $ELLIPSIS_OAUTH_REFRESH_TOKEN and $ELLIPSIS_OAUTH_REFRESH_TOKEN_FILE are both set. Set one.\n",
    })
  })

  it("of another client do not replace the profile", async () => {
    const { run, variables } = await setUp()
    expect((await run(["token"], variables)).code).toBe(0)
    const { code, stderr } = await run(["token"], { ...variables, ELLIPSIS_OAUTH_CLIENT_ID: "public-app" })
    expect([code, stderr]).toEqual([
      2,
      "ellipsis-oauth: $ELLIPSIS_OAUTH_CLIENT_ID differs from the profile default. Choose another profile with --profile. See --help.\n",
    ])
  })

  it("with a refused refresh token: the error says that a login is needed and where to put the new token", async () => {
    const { server, run, variables, refreshToken } = await setUp()
    server.revokeFamily(refreshToken)
    const { code, stdout, stderr } = await run(["token"], variables)
    expect([code, stdout, stderr]).toEqual([
      3,
      "",
      expect.stringContaining("the refresh token from $ELLIPSIS_OAUTH_REFRESH_TOKEN"),
    ])
    expect(stderr).not.toContain(refreshToken)
  })

  it("with a wrong client secret: the error names the variable or the file", async () => {
    const { run, variables, volume } = await setUp()
    const wrong = await run(["token"], { ...variables, ELLIPSIS_OAUTH_CLIENT_SECRET: "kanary-wrong" })
    expect(wrong).toMatchObject({
      code: 5,
      stdout: "",
      stderr: expect.stringContaining("The value in use came from $ELLIPSIS_OAUTH_CLIENT_SECRET."),
    })
    expect(wrong.stderr).not.toContain("kanary")
    writeFileSync(join(volume, "secret"), "kanary-wrong")
    const file = {
      ...variables,
      ELLIPSIS_OAUTH_CLIENT_SECRET: "",
      ELLIPSIS_OAUTH_CLIENT_SECRET_FILE: join(volume, "secret"),
    }
    expect((await run(["token"], file)).stderr).toContain(
      `The value in use came from ${volume}/secret ($ELLIPSIS_OAUTH_CLIENT_SECRET_FILE).`,
    )
  })
})

describe("import", () => {
  const isSecret = ["--client-id", "secret-app", "--save-secret"]

  it("reads a file or standard input, and the same token again changes nothing", async () => {
    const { server, run, variables, refreshToken, volume } = await setUp()
    const { ELLIPSIS_OAUTH_HOME, ELLIPSIS_OAUTH_CLIENT_SECRET } = variables
    const home = { ELLIPSIS_OAUTH_HOME }
    const args = ["import", "--base-url", server.url, ...isSecret, "--refresh-token-file"]
    const secret = { ...home, ELLIPSIS_OAUTH_CLIENT_SECRET }
    expect(await run([...args, "-"], secret, `${refreshToken}\r\n`)).toEqual({
      code: 0,
      stdout: "",
      stderr: `Imported into the profile default. The tokens are stored in ${volume}/tokens.sqlite.\n`,
    })
    expect(refreshes(server)).toBe(0)
    const token = await run(["token"], home)
    expect(token).toMatchObject({ code: 0, stderr: "" })

    writeFileSync(join(volume, "refresh"), refreshToken)
    expect((await run([...args, join(volume, "refresh")], secret)).stderr).toBe(
      "This refresh token was already imported into the profile default. Nothing was changed.\n",
    )
    expect((await run(["token", "--force"], home)).code).toBe(0)
    // The token that replaced it is lost, so that the server refuses the old one.
    expect((await run([...args, "-", "--replace"], secret, refreshToken)).stderr).toContain("Imported into")
    expect((await run(["token"], home)).code).toBe(3)
  })

  it("reads the output of export, which signs its own profile out", async () => {
    const { run, variables } = await setUp()
    expect((await run(["token"], variables)).code).toBe(0)
    const { ELLIPSIS_OAUTH_REFRESH_TOKEN: _, ...rest } = variables
    const kept = await run(["export", "--keep"], rest)
    expect(kept).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/^\S+\n$/) })
    const exported = await run(["export"], rest)
    expect(exported).toEqual({
      code: 0,
      stdout: kept.stdout,
      stderr: "The profile default is now signed out here. Import the refresh token where you need it.\n",
    })
    expect((await run(["token"], rest)).code).toBe(3)
    expect((await run(["import", "--refresh-token-file", "-"], rest, exported.stdout)).code).toBe(0)
    expect((await run(["token"], rest)).code).toBe(0)
  })

  it("without a token fails at once, and the error says how to give one", async () => {
    const { run, variables, volume } = await setUp()
    const { ELLIPSIS_OAUTH_REFRESH_TOKEN: _, ...rest } = variables
    const empty = await run(["import", "--refresh-token-file", "-"], rest, "")
    expect([empty.code, empty.stderr]).toEqual([
      5,
      "ellipsis-oauth: standard input is empty. It must contain the secret and nothing else.\n",
    ])
    const absent = await run(["import", "--refresh-token-file", join(volume, "absent")], rest)
    expect([absent.code, absent.stderr]).toEqual([
      5,
      expect.stringContaining("absent cannot be read (ENOENT)"),
    ])
  })
})

describe("login", () => {
  it("without a terminal fails at once, and the error says what to do", async () => {
    const { run, variables } = await setUp()
    const { code, stdout, stderr } = await run(["login"], variables)
    expect([code, stdout]).toEqual([2, ""])
    expect(stderr).toMatch(
      /^ellipsis-oauth: login needs a terminal, and there is none\. In CI, .* ellipsis-oauth import\./,
    )
  })

  it("with an ended standard input fails at once, too", async () => {
    const { run, variables } = await setUp()
    const { code, stderr } = await run(["login", "--no-browser", "--port", "0"], variables)
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining("ellipsis-oauth: Standard input ended before the login was complete."),
    ])
  })
})

it("a store that can only be read: says so plainly, with what to change", async ({ skip }) => {
  const { volume, run, variables } = await setUp()
  if (statSync(volume).uid === 0) skip("root may write to every file, and cannot become another user here")
  expect((await run(["import"], variables)).code).toBe(0)
  const file = join(volume, "tokens.sqlite")
  chmodSync(file, 0o444)
  chmodSync(volume, 0o555)
  onTestFinished(() => chmodSync(volume, 0o755))
  for (const args of [["status"], ["profiles"], ["logout"]]) {
    expect(await run(args, { ELLIPSIS_OAUTH_HOME: volume })).toEqual({
      code: 5,
      stdout: "",
      stderr: `ellipsis-oauth: Token store, key "default": it cannot be used as it is set up (attempt to write a readonly database: ${file}; this process must be allowed to write the file and its folder). Trying again does not help. A command that only reads needs that too. Set ELLIPSIS_OAUTH_HOME to a permanent folder that this user can write to: the login is stored there.\n`,
    })
  }
})

describe("a user without a home", () => {
  it("gets an error that names the variable to set", async () => {
    const { run } = command.container()
    for (const args of [["token"], ["status", "--json"], ["import"]]) {
      const { code, stderr } = await run(args)
      expect([code, stderr]).toEqual([
        5,
        "ellipsis-oauth: This user has no home folder. Set ELLIPSIS_OAUTH_HOME to a permanent folder that this user can write to: the login is stored there.\n",
      ])
    }
  })

  it("gets the same error if the home cannot be written to", async () => {
    const { variables, run, volume } = await setUp()
    const { ELLIPSIS_OAUTH_HOME: _, ...rest } = variables
    writeFileSync(join(volume, "file"), "")
    const { code, stderr } = await run(["token"], { ...rest, HOME: join(volume, "file") })
    expect([code, stderr]).toEqual([
      5,
      expect.stringMatching(/\. Set ELLIPSIS_OAUTH_HOME to a permanent folder/),
    ])
  })

  it("gets the same error if the folder is a file, from every command", async () => {
    const { run, volume } = command.container()
    const file = join(volume, "file")
    writeFileSync(file, "")
    for (const args of [["token"], ["status"], ["profiles"], ["logout", "--forget"]]) {
      const { code, stderr } = await run(args, { ELLIPSIS_OAUTH_HOME: file })
      expect([code, stderr]).toEqual([
        5,
        expect.stringMatching(/\. Set ELLIPSIS_OAUTH_HOME to a permanent folder/),
      ])
    }
  })

  it("can set the folders with other variables", async () => {
    const { volume, run } = command.container()
    const xdg = { XDG_CONFIG_HOME: join(volume, "config"), XDG_DATA_HOME: join(volume, "data") }
    expect(await run(["profiles", "--json"], xdg)).toEqual({ code: 0, stdout: "[]\n", stderr: "" })
  })
})

describe("a proxy", () => {
  it("is used if the variables are set, except for hosts in NO_PROXY", async () => {
    const { server, run, variables } = await setUp()
    const proxy = await startProxy()
    const { host } = new URL(server.url)
    for (const name of ["HTTP_PROXY", "http_proxy", "ALL_PROXY"]) {
      const { code } = await run(["token", "--force"], { ...variables, [name]: proxy.url })
      expect([code, proxy.seen.splice(0)]).toEqual([0, [host]])
    }
    const without = { ...variables, HTTP_PROXY: proxy.url, NO_PROXY: "127.0.0.1" }
    expect((await run(["token", "--force"], without)).code).toBe(0)
    expect(proxy.seen).toEqual([])
  })

  it("with a private certificate authority behind it", async () => {
    const pem = (kind: string) =>
      fileURLToPath(new URL(`../../node/test/certificates/localhost.${kind}.pem`, import.meta.url))
    const server = await listening(
      { clients, rotation: "always" },
      {
        host: "localhost",
        tls: { key: readFileSync(pem("key"), "utf8"), cert: readFileSync(pem("cert"), "utf8") },
      },
    )
    const proxy = await startProxy()
    const { volume, run } = command.container({
      ELLIPSIS_OAUTH_BASE_URL: server.url,
      ELLIPSIS_OAUTH_CLIENT_ID: "public-app",
      ELLIPSIS_OAUTH_REFRESH_TOKEN: await refreshTokenOf(server, "public-app"),
    })
    const home = { ELLIPSIS_OAUTH_HOME: volume, HTTPS_PROXY: proxy.url.replace("http://", "") }
    const unknown = await run(["token"], home)
    expect([unknown.code, unknown.stderr]).toEqual([
      5,
      expect.stringContaining("Set NODE_EXTRA_CA_CERTS to the PEM file of the authority"),
    ])
    const known = { ...home, NODE_EXTRA_CA_CERTS: join(volume, "authority.pem") }
    copyFileSync(pem("cert"), known.NODE_EXTRA_CA_CERTS)
    expect((await run(["token"], known)).code).toBe(0)
    expect(new Set(proxy.seen)).toEqual(new Set([new URL(server.url).host]))
    expect((await run(["token", "--force"], { ...known, HTTPS_PROXY: "" })).code).toBe(0)
  })

  it("that refuses, is not reachable or is invalid is named in the error, without its password", async () => {
    const { run, variables } = await setUp()
    const proxy = await startProxy("kanary-password")
    const withPassword = proxy.url.replace("://", "://user:kanary-password@")
    expect((await run(["token"], { ...variables, HTTP_PROXY: withPassword })).code).toBe(0)

    const asked = await run(["token", "--force"], {
      ...variables,
      HTTP_PROXY: proxy.url.replace("://", "://user:kanary@"),
    })
    expect([asked.code, asked.stderr]).toEqual([5, expect.stringContaining("407")])
    const away = await run(["token", "--force"], { ...variables, HTTP_PROXY: "http://127.0.0.1:1" })
    expect([away.code, away.stderr]).toEqual([
      4,
      expect.stringContaining("The proxy in $HTTP_PROXY may be in use."),
    ])
    const none = await run(["token", "--force"], { ...variables, HTTPS_PROXY: "socks5://user:kanary@proxy" })
    expect([none.code, none.stderr]).toEqual([
      5,
      "ellipsis-oauth: $HTTPS_PROXY must be the http: or https: URL of a proxy, such as http://proxy.example:3128.\n",
    ])
    for (const { stderr } of [asked, away, none]) expect(stderr).not.toContain("kanary")
  })
})
