import { spawnSync } from "node:child_process"
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { MockServer } from "@ellipsis-oauth/mock-server"
import { afterAll, describe, expect, it } from "vitest"
import { buildCommand, type Ended, type User } from "./buildCommand.js"
import { expireStored } from "./expireStored.js"
import { listening } from "./listening.js"

const command = await buildCommand()
afterAll(() => command[Symbol.dispose]())

const clients = [
  { clientId: "public-app", redirectUris: ["http://127.0.0.1/callback"] },
  { clientId: "secret-app", clientSecret: "kanary-secret", redirectUris: ["http://127.0.0.1/callback"] },
]

/** A provider; with `rotation: "always"` every mistake with a refresh token ends the login. */
const provider = () => listening({ clients, loopbackRedirect: "anyPort", rotation: "always" })

/** `login`, with a browser on another machine. */
const logIn = async (
  server: MockServer,
  user: User,
  args: readonly string[] = [],
  variables: Readonly<Record<string, string>> = {},
): Promise<Ended> => {
  const all = ["login", "--no-browser", "--port", "0", "--base-url", server.url, ...args]
  const { said, ended } = user.start(all, variables)
  const [, url = ""] = await said(/^ {2}(http\S+)$/m)
  const page = await fetch(url)
  expect(page.status).toBe(200)
  return ended
}

const commands =
  "The commands are login, import, token, status, export, logout, profiles, completion, doctor."

const secretFlag =
  "--client-secret: a secret must not be an argument, because other users can read arguments. Use --client-secret-file or $ELLIPSIS_OAUTH_CLIENT_SECRET."

const isPublic = ["--client-id", "public-app"]

const refreshes = (server: MockServer) =>
  server.log.filter(({ grantType }) => grantType === "refresh_token").length

const account = async (server: MockServer, token: string) =>
  (await fetch(`${server.url}/account`, { headers: { authorization: `Bearer ${token.trim()}` } })).status

describe("ellipsis-oauth", () => {
  it("logs in, prints a token, shows the account, and logs out", async () => {
    const server = await provider()
    const user = command.user()
    const login = await logIn(server, user, [...isPublic, "--scope", "projects"])
    expect(login).toMatchObject({ code: 0, stdout: "" })
    expect(login.stderr).toContain(`Logged in as demo. The tokens are stored in ${user.data}/tokens.sqlite.`)

    const token = await user.run(["token"])
    expect(token).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/^\S+\n$/) })
    expect(await account(server, token.stdout)).toBe(200)
    expect(refreshes(server)).toBe(0)

    const status = await user.run(["status"])
    expect(status).toMatchObject({ code: 0, stderr: "" })
    expect(status.stdout).toMatch(
      /^Profile +default\nAccount +demo\nAccess token +valid for 5\d min\nScope +projects\n/,
    )
    const told = JSON.parse((await user.run(["status", "--json"])).stdout)
    expect(told).toEqual({
      profile: "default",
      status: "ready",
      account: "demo",
      expiresAt: expect.stringMatching(/^\d{4}-/),
      scope: ["projects"],
      clientId: "public-app",
      baseUrl: server.url,
      store: join(user.data, "tokens.sqlite"),
      encrypted: false,
      clientSecret: "none",
    })

    const logout = await user.run(["logout"])
    expect(logout).toMatchObject({
      code: 0,
      stdout: "",
      stderr: expect.stringContaining("Logged out of default"),
    })
    expect(await user.run(["token"])).toEqual({
      code: 3,
      stdout: "",
      stderr: "ellipsis-oauth: Log in first: nobody is signed in. Log in with: ellipsis-oauth login\n",
    })
    expect((await user.run(["status"])).code).toBe(3)
    expect((await user.run(["logout"])).stderr).toBe("The profile default was already signed out.\n")
    // The profile has the other settings.
    expect(await logIn(server, user)).toMatchObject({ code: 0 })
  })

  it("keeps everything from other users of the machine", async () => {
    const server = await provider()
    const user = command.user()
    await logIn(server, user, isPublic)
    const modes = [
      user.config,
      user.data,
      join(user.config, "profiles/default.json"),
      join(user.data, "tokens.sqlite"),
    ]
    expect(modes.map((path) => (statSync(path).mode & 0o777).toString(8))).toEqual([
      "700",
      "700",
      "600",
      "600",
    ])
    expect(readFileSync(join(user.config, "profiles/default.json"), "utf8")).not.toContain("kanary")
  })

  it("refreshes an expired token once, however many shells ask at once", async () => {
    const server = await provider()
    const user = command.user()
    await logIn(server, user, isPublic)
    await expireStored(user)
    expect((await user.run(["status"])).stdout).toContain(
      "no longer valid; the next ellipsis-oauth token refreshes it",
    )
    const shells = await Promise.all(Array.from({ length: 10 }, () => user.run(["token"])))
    expect(shells.map(({ code, stderr }) => [code, stderr])).toEqual(
      Array.from({ length: 10 }, () => [0, ""]),
    )
    expect(new Set(shells.map(({ stdout }) => stdout)).size).toBe(1)
    expect(await account(server, shells[0]?.stdout ?? "")).toBe(200)
    expect(refreshes(server)).toBe(1)
  })

  it("token --force gets another one", async () => {
    const server = await provider()
    const user = command.user()
    await logIn(server, user, isPublic)
    const before = await user.run(["token"])
    const after = await user.run(["token", "--force"])
    expect(after).toMatchObject({ code: 0, stderr: "" })
    expect(after.stdout).not.toBe(before.stdout)
    expect((await user.run(["token"])).stdout).toBe(after.stdout)
  })
})

describe("profiles", () => {
  it("are separate, listed, and deleted", async () => {
    const server = await provider()
    const user = command.user()
    expect(await user.run(["profiles"])).toMatchObject({ code: 0, stdout: "" })
    await logIn(server, user, [...isPublic, "--profile", "work"])
    await logIn(server, user, isPublic, { ELLIPSIS_OAUTH_PROFILE: "home" })
    const [work, home] = [
      await user.run(["token", "--profile", "work"]),
      await user.run(["token", "--profile=home"]),
    ]
    expect(work.stdout).not.toBe(home.stdout)
    await user.run(["logout", "--profile", "home"])
    expect((await user.run(["profiles"])).stdout).toBe(
      `home  logged out        public-app at ${server.url}\nwork  demo              public-app at ${server.url}\n`,
    )
    await user.run(["logout", "--profile", "home", "--forget"])
    expect(JSON.parse((await user.run(["profiles", "--json"])).stdout)).toEqual([
      { profile: "work", loggedIn: true, account: "demo", clientId: "public-app", baseUrl: server.url },
    ])
    expect((await user.run(["token", "--profile", "home"])).stderr).toBe(
      "ellipsis-oauth: The profile home does not exist. Log in with: ellipsis-oauth login --profile home\n",
    )
  })

  it("that are damaged are reported, and a login or logout --forget replaces them", async () => {
    const server = await provider()
    const user = command.user()
    await logIn(server, user, isPublic)
    const file = join(user.config, "profiles/default.json")
    writeFileSync(file, "{")
    expect(await user.run(["token"])).toMatchObject({
      code: 5,
      stderr: expect.stringContaining(`${file} is damaged`),
    })
    expect((await logIn(server, user, isPublic)).code).toBe(0)
    writeFileSync(file, "[]")
    expect((await user.run(["logout", "--forget"])).code).toBe(0)
    expect(existsSync(file)).toBe(false)
  })
})

describe("a profile that was edited", () => {
  const profileWith = (change: object) => (profile: object) => JSON.stringify({ ...profile, ...change })

  it("is reported as damaged, and the other profiles are still listed", async () => {
    const server = await provider()
    const user = command.user()
    await logIn(server, user, isPublic)
    await logIn(server, user, [...isPublic, "--profile", "other"])
    const file = join(user.config, "profiles/default.json")
    const profile = JSON.parse(readFileSync(file, "utf8"))
    const message = `${file} is damaged. Log in again with --profile default, or delete the file.`
    for (const edit of [
      () => "",
      () => "null",
      () => "1",
      profileWith({ clientId: undefined }),
      profileWith({ baseUrl: "api" }),
      profileWith({ port: "8417" }),
      profileWith({ clientAuthentication: "kanary" }),
      profileWith({ clientSecretFile: 7 }),
    ]) {
      writeFileSync(file, edit(profile))
      const ended = await user.run(["token"])
      expect(ended, edit(profile)).toEqual({ code: 5, stdout: "", stderr: `ellipsis-oauth: ${message}\n` })
    }
    const { code, stdout } = await user.run(["status", "--json"])
    expect([code, JSON.parse(stdout)]).toEqual([5, { profile: "default", status: "unknown", error: message }])
    expect(JSON.parse((await user.run(["profiles", "--json"])).stdout)).toMatchObject([
      { profile: "default", damaged: true },
      { profile: "other", loggedIn: true },
    ])
    expect((await user.run(["profiles"])).stdout).toContain("default  damaged")
  })

  it("with a byte order mark is read, and one of a newer version is not", async () => {
    const server = await provider()
    const user = command.user()
    await logIn(server, user, isPublic)
    const file = join(user.config, "profiles/default.json")
    const text = readFileSync(file, "utf8")
    writeFileSync(file, `\uFEFF${text}`)
    expect((await user.run(["token"])).code).toBe(0)
    writeFileSync(file, profileWith({ version: 2 })(JSON.parse(text)))
    expect(await user.run(["token"])).toMatchObject({
      code: 5,
      stderr: expect.stringContaining("was written by a newer version of this command"),
    })
  })

  it("of a newer version is listed as such, and replaced by no command", async () => {
    const server = await provider()
    const user = command.user()
    await logIn(server, user, isPublic)
    const file = join(user.config, "profiles/default.json")
    const newer = profileWith({ version: 2 })(JSON.parse(readFileSync(file, "utf8")))
    writeFileSync(file, newer)
    const message = `${file} was written by a newer version of this command. Update ellipsis-oauth, or choose another profile with --profile.`
    const variables = { ELLIPSIS_OAUTH_CLIENT_ID: "public-app", ELLIPSIS_OAUTH_BASE_URL: server.url }
    for (const [args, more] of [
      [["token"], { ...variables, ELLIPSIS_OAUTH_REFRESH_TOKEN: "of-another-machine" }],
      [["import"], { ...variables, ELLIPSIS_OAUTH_REFRESH_TOKEN: "of-another-machine" }],
      [["login", "--no-browser", "--port", "0", ...isPublic], variables],
      [["status"], {}],
      [["logout"], {}],
      [["logout", "--forget"], {}],
    ] as const) {
      const ended = await user.run([...args], more)
      expect(ended, args.join(" ")).toEqual({ code: 5, stdout: "", stderr: `ellipsis-oauth: ${message}\n` })
      expect(readFileSync(file, "utf8")).toBe(newer)
    }
    expect(await user.run(["profiles"])).toEqual({
      code: 0,
      stdout: `default  newer version     ${message}\n`,
      stderr: "",
    })
    expect(JSON.parse((await user.run(["profiles", "--json"])).stdout)).toEqual([
      { profile: "default", loggedIn: false, newerVersion: true },
    ])
  })

  it("brings no characters to the terminal that it obeys", async () => {
    const server = await provider()
    const user = command.user()
    await logIn(server, user, isPublic)
    const file = join(user.config, "profiles/default.json")
    writeFileSync(
      file,
      profileWith({ account: "de\u001b[2Jmo\u202E" })(JSON.parse(readFileSync(file, "utf8"))),
    )
    for (const args of [["status"], ["profiles"]]) {
      const { code, stdout } = await user.run(args)
      expect(code).toBe(0)
      expect(stdout).toContain("de[2Jmo")
      expect(stdout).not.toMatch(/(?!\n)\p{C}/u)
    }
  })
})

describe("a client secret", () => {
  const isSecret = ["--client-id", "secret-app"]
  const variables = { ELLIPSIS_OAUTH_CLIENT_SECRET: "kanary-secret" }

  it("comes from the environment, and is not saved", async () => {
    const server = await provider()
    const user = command.user()
    const { stderr } = await logIn(server, user, isSecret, variables)
    expect(stderr).toContain("The client secret was not saved")
    expect(readFileSync(join(user.data, "tokens.sqlite"), "latin1")).not.toContain("kanary")
    expect((await user.run(["token"])).code).toBe(0)
    await expireStored(user)
    expect(await user.run(["token"])).toMatchObject({
      code: 5,
      stdout: "",
      stderr: expect.stringContaining("Set $ELLIPSIS_OAUTH_CLIENT_SECRET"),
    })
    expect(refreshes(server)).toBe(0)
    expect(await user.run(["token"], variables)).toMatchObject({ code: 0, stderr: "" })
  })

  it("is missed before the browser opens, and is not for another server", async () => {
    const [server, other] = [await provider(), await provider()]
    const user = command.user()
    await logIn(server, user, [...isSecret, "--save-secret"], variables)
    const missing = { code: 5, stderr: expect.stringContaining("The client secret is missing") }
    await user.run(["logout"])
    expect(await user.run(["login", "--no-browser"])).toMatchObject(missing)
    const asked = ["login", "--no-browser", ...isSecret, "--client-authentication", "basic"]
    expect(await user.run(asked)).toMatchObject(missing)

    await logIn(server, user, isSecret, variables)
    const elsewhere = user.start(["login", "--no-browser", "--port", "0", "--base-url", other.url])
    const [, url = ""] = await elsewhere.said(/^ {2}(http\S+)$/m)
    await fetch(url)
    expect((await elsewhere.ended).code).toBe(5)
    expect(other.log.filter(({ endpoint }) => endpoint === "token")).toMatchObject([
      { decision: "refused", error: "invalid_client" },
    ])
    expect((await user.run(["token", "--force"])).code).toBe(0)
  })

  it("comes from a file, which the profile remembers", async () => {
    const server = await provider()
    const user = command.user()
    writeFileSync(join(user.home, "secret"), "kanary-secret\n")
    await logIn(server, user, [...isSecret, "--client-secret-file", "secret"])
    await expireStored(user)
    expect((await user.run(["token"])).code).toBe(0)
    writeFileSync(join(user.home, "secret"), "\n")
    expect(await user.run(["token", "--force"])).toMatchObject({
      code: 5,
      stderr: `ellipsis-oauth: ${user.home}/secret is empty. It must contain the secret and nothing else.\n`,
    })
  })

  it("is saved with --save-secret, and logout deletes it", async () => {
    const server = await provider()
    const user = command.user()
    const { stderr } = await logIn(server, user, [...isSecret, "--save-secret"], variables)
    expect(stderr).toContain("The client secret is stored there too.")
    expect((await user.run(["token", "--force"])).code).toBe(0)
    expect((await user.run(["status"])).stdout).toMatch(/^Client secret +saved$/m)
    await user.run(["logout"])
    expect(readFileSync(join(user.data, "tokens.sqlite"), "latin1")).not.toContain("kanary")
  })

  it("that is wrong is a configuration error, and nothing is stored", async () => {
    const server = await provider()
    const user = command.user()
    const wrong = { ELLIPSIS_OAUTH_CLIENT_SECRET: "kanary-wrong" }
    const { said, ended } = user.start(
      ["login", "--no-browser", "--port", "0", "--base-url", server.url, ...isSecret],
      wrong,
    )
    const [, url = ""] = await said(/^ {2}(http\S+)$/m)
    const page = await (await fetch(url)).text()
    expect(page).toContain("The login did not work")
    const { code, stderr } = await ended
    expect([code, stderr]).toEqual([5, expect.stringContaining('refused the request with "invalid_client"')])
    expect(page + stderr).not.toContain("kanary")
    expect((await user.run(["profiles", "--json"])).stdout).toBe("[]\n")
  })
})

describe("encryption", () => {
  const key = { ELLIPSIS_OAUTH_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString("base64") }

  it("encrypts tokens and secret, and later commands need the key", async () => {
    const server = await provider()
    const user = command.user()
    await logIn(server, user, ["--client-id", "secret-app", "--save-secret"], {
      ...key,
      ELLIPSIS_OAUTH_CLIENT_SECRET: "kanary-secret",
    })
    const token = await user.run(["token"], key)
    expect(token).toMatchObject({ code: 0, stderr: "" })
    const stored = readFileSync(join(user.data, "tokens.sqlite"), "latin1")
    expect(stored).not.toContain("kanary")
    expect(stored).not.toContain(token.stdout.trim())
    expect((await user.run(["token", "--force"], key)).code).toBe(0)
    expect((await user.run(["status"], key)).stdout).toContain("tokens.sqlite, encrypted")

    const missing =
      "ellipsis-oauth: This profile is encrypted. Set $ELLIPSIS_OAUTH_ENCRYPTION_KEY or use --encryption-key-file.\n"
    for (const args of [["token"], ["status"], ["login", "--no-browser"]]) {
      expect(await user.run(args)).toEqual({ code: 5, stdout: "", stderr: missing })
    }
    const other = { ELLIPSIS_OAUTH_ENCRYPTION_KEY: Buffer.alloc(32, 8).toString("base64") }
    expect(await user.run(["token"], other)).toMatchObject({
      code: 5,
      stderr: expect.stringContaining("encryption key"),
    })
    expect(await user.run(["token"], { ELLIPSIS_OAUTH_ENCRYPTION_KEY: "kanary" })).toMatchObject({
      code: 5,
      stderr:
        "ellipsis-oauth: The encryption key must be 32 bytes, or the same in base64, got a string of 6 characters. The value in use came from $ELLIPSIS_OAUTH_ENCRYPTION_KEY.\n",
    })
    expect((await user.run(["logout"])).code).toBe(0)
  })

  it("reads its key from a file, which the profile remembers", async () => {
    const server = await provider()
    const user = command.user()
    writeFileSync(join(user.home, "key"), `${key.ELLIPSIS_OAUTH_ENCRYPTION_KEY}\n`)
    await logIn(server, user, [...isPublic, "--encryption-key-file", "key"])
    expect((await user.run(["token"])).code).toBe(0)
  })
})

describe("failures", () => {
  it("the server is not reachable: a temporary failure, and nobody is logged out", async () => {
    const server = await provider()
    const user = command.user()
    await logIn(server, user, isPublic)
    const { stdout } = await user.run(["token"])
    await expireStored(user)
    await server.close()
    const offline = await user.run(["token"])
    expect(offline).toMatchObject({
      code: 4,
      stdout: "",
      stderr: expect.stringContaining("could not be reached (ECONNREFUSED)"),
    })
    expect(offline.stderr).not.toContain(stdout.trim())
    expect(JSON.parse((await user.run(["status", "--json"])).stdout)).toMatchObject({
      status: "stale",
      account: "demo",
    })
  })

  it("the login was revoked", async () => {
    const server = await provider()
    const user = command.user()
    await logIn(server, user, isPublic)
    const { stdout } = await user.run(["token"])
    server.revokeFamily(stdout.trim())
    expect(await user.run(["token", "--force"])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(
        "the server no longer accepts the refresh token. Log in with: ellipsis-oauth login",
      ),
    })
    expect((await user.run(["status"])).code).toBe(3)
  })

  it("the user refuses, or does not log in", async () => {
    const server = await provider()
    const user = command.user()
    const start = (...args: readonly string[]) =>
      user.start(["login", "--no-browser", "--port", "0", "--base-url", server.url, ...isPublic, ...args])
    const { said, ended } = start()
    const [, url = ""] = await said(/^ {2}(http\S+)$/m)
    server.authorize.deny()
    expect((await fetch(url)).status).toBe(400)
    expect(await ended).toMatchObject({ code: 3, stderr: expect.stringContaining("access_denied") })
    expect(await start("--timeout", "1").ended).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(
        /^ellipsis-oauth: The login was not completed within 1 second\. Log in with: ellipsis-oauth login\n$/m,
      ),
    })
  })

  it("the data folder cannot be written to", async () => {
    const user = command.user()
    writeFileSync(join(user.home, "file"), "")
    const { code, stderr } = await user.run(["profiles"], { XDG_DATA_HOME: join(user.home, "file") })
    expect([code, stderr]).toEqual([5, expect.stringMatching(/^ellipsis-oauth: E(NOTDIR|EXIST)/)])
  })

  it("a profile cannot be read: the file is named, and the others are listed", async () => {
    const server = await provider()
    const user = command.user()
    await logIn(server, user, [...isPublic, "--profile", "other"])
    const file = join(user.config, "profiles/default.json")
    mkdirSync(file)
    for (const args of [["token"], ["status"], ["logout"]]) {
      const { code, stderr } = await user.run(args)
      expect([code, stderr]).toEqual([5, expect.stringContaining(`${file} cannot be read (EISDIR).`)])
    }
    expect((await user.run(["profiles"])).stdout).toContain(
      `default  damaged           ${file} cannot be read (EISDIR).`,
    )
    const { code, stdout } = await user.run(["profiles", "--json"])
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      [
        { profile: "default", loggedIn: false, damaged: true },
        expect.objectContaining({ profile: "other", loggedIn: true }),
      ],
    ])
  })

  it("the doctor's folder cannot be written to: reported before the login", async () => {
    const user = command.user()
    writeFileSync(join(user.home, "file"), "")
    const args = ["doctor", "--no-browser", "--port", "0", ...isPublic, "--output", "file/found"]
    const { code, stdout, stderr } = await user.run(args)
    expect([code, stdout, stderr]).toEqual([
      5,
      "",
      expect.stringMatching(
        /^ellipsis-oauth: The folder "file\/found" cannot be written to \(E(NOTDIR|EXIST)\)\. Choose another folder with --output\.\n$/,
      ),
    ])
  })

  it("the doctor has no terminal for the login", async () => {
    const { code, stderr } = await command.user().run(["doctor", ...isPublic])
    expect([code, stderr]).toEqual([
      2,
      "ellipsis-oauth: doctor needs a terminal, and there is none. To run it from another program, use doctor --no-browser: it prints the URL and reads the redirect URL from standard input. See --help.\n",
    ])
  })

  it("no debug output of Node.js has a secret in it", async () => {
    const server = await provider()
    const user = command.user({ ELLIPSIS_OAUTH_CLIENT_SECRET: "kanary-secret" })
    await logIn(server, user, ["--client-id", "secret-app"])
    const { code, stdout, stderr } = await user.run(["token", "--force"], { NODE_DEBUG: "*", DEBUG: "*" })
    expect(code).toBe(0)
    const issued = JSON.stringify(server.families).matchAll(/"token":"([^"]+)"/g)
    const tokens = [...issued].map(([, token = ""]) => token)
    expect(tokens).toContain(stdout.trim())
    for (const secret of ["kanary", ...tokens]) expect(stderr).not.toContain(secret)
  })

  it.each([
    [["tokens"], `Unknown command. Did you mean token? ${commands}`],
    [["kanary-secret"], `Unknown command. ${commands}`],
    [["--profile", "work"], `The command is missing. ${commands}`],
    [["token", "--forc"], "token does not have this flag: --forc. Did you mean --force?"],
    [["token", "--profle", "work"], "token does not have this flag: --profle. Did you mean --profile?"],
    [["token", "--kanary-secret=kanary"], "token does not have this flag."],
    [["token", "-kanary"], "token does not have this flag."],
    [["logout", "--json"], "--json is a flag of token, status, profiles."],
    [["token", "kanary"], "token takes flags only."],
    [["completion"], "The argument of completion must be bash or zsh or fish."],
    [["completion", "bash", "zsh"], "completion takes one argument."],
    [["login", "--port"], "--port needs a value: --port <number>."],
    [["login", "--client-id", "--no-browser"], "--client-id needs a value: --client-id <id>."],
    [["login", "--port", "http"], '--port must be a number from 0 to 65535, got "http".'],
    [["login", "--host", "example.com"], "--host must be 127.0.0.1 or localhost."],
    [
      ["login", "--client-authentication", "kanary"],
      "--client-authentication must be body or basic or basic-raw or none.",
    ],
    [["login", "--no-browser=1"], "--no-browser must not have a value."],
    [
      ["login", "--timeout", "1 fortnight"],
      '--timeout must be a duration of at most a day, such as 90s, 5m or 1h, got "1 fortnight".',
    ],
    [
      ["login", "--timeout", "2d"],
      '--timeout must be a duration of at most a day, such as 90s, 5m or 1h, got "2d".',
    ],
    [
      ["login"],
      "The client id is missing. Set $ELLIPSIS_OAUTH_CLIENT_ID or use --client-id, with the id from the registration of your app.",
    ],
    [
      ["import"],
      "The refresh token is missing. Set $ELLIPSIS_OAUTH_REFRESH_TOKEN or use --refresh-token-file.",
    ],
    [
      ["token", "--profile", "../x"],
      '--profile must be up to 64 lower-case letters, digits, . _ -, got "../x".',
    ],
    [
      ["token", "--profile", "x".repeat(3_000)],
      `--profile must be up to 64 lower-case letters, digits, . _ -, got "${"x".repeat(60)}…".`,
    ],
    [["login", "--client-secret=kanary"], secretFlag],
    [["--client-secret", "kanary", "login"], secretFlag],
    [["--client-secret=kanary"], secretFlag],
    [["login", "--secret", "kanary"], secretFlag.replace("--client-secret:", "--secret:")],
  ])("%j exits with 2", async (args, message) => {
    expect(await command.user().run(args)).toEqual({
      code: 2,
      stdout: "",
      stderr: `ellipsis-oauth: ${message} See --help.\n`,
    })
  })

  it.each([
    [
      ["--base-url", "http://api.example/v3"],
      /^ellipsis-oauth: --base-url must be an absolute https: URL with no query, fragment or credentials \(plain http: only on a loopback address\), got "http:\/\/api\.example\/v3"\.\n$/,
    ],
    [
      ["--path", "callback"],
      /^ellipsis-oauth: --path must be a path such as \/callback, got a string of 8 characters\.\n$/,
    ],
    [["--client-secret-file", "absent"], /absent cannot be read \(ENOENT\)/],
  ])("%j exits with 5", async (args, message) => {
    const { code, stderr } = await command.user().run(["login", "--no-browser", ...isPublic, ...args])
    expect([code, stderr]).toEqual([5, expect.stringMatching(message)])
  })
})

describe("for people and scripts", () => {
  it("prints a help text whose lines fit", async () => {
    for (const args of [[], ["--help"], ["token", "-h"], ["help"]]) {
      const { code, stdout, stderr } = await command.user().run(args)
      expect([code, stderr]).toEqual([0, ""])
      expect(stdout).toContain('curl -H "Authorization: Bearer $(ellipsis-oauth token)"')
      for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(90)
    }
  })

  it("explains one command, by its flag --help and by help", async () => {
    const { code, stdout, stderr } = await command.user().run(["logout", "--help"])
    expect([code, stderr]).toEqual([0, ""])
    expect(stdout).toMatch(/^ellipsis-oauth logout \[flags\]: delete the tokens\n/)
    expect(await command.user().run(["help", "logout"])).toEqual({ code, stdout, stderr })
  })

  it("prints a token with its expiry and scope as JSON", async () => {
    const server = await provider()
    const user = command.user()
    await logIn(server, user, isPublic)
    const { code, stdout, stderr } = await user.run(["token", "--json"])
    expect([code, stderr]).toEqual([0, ""])
    expect(JSON.parse(stdout)).toEqual({
      profile: "default",
      accessToken: (await user.run(["token"])).stdout.trim(),
      tokenType: "Bearer",
      expiresAt: expect.stringMatching(/^\d{4}-/),
      scope: ["projects"],
    })
    // Prints nothing that looks like a token.
    expect(await user.run(["token", "--json", "--profile", "none"])).toMatchObject({ code: 3, stdout: "" })
  })

  it("status --json always prints JSON", async () => {
    const user = command.user()
    const { code, stdout } = await user.run(["status", "--json"])
    expect([code, JSON.parse(stdout)]).toEqual([
      3,
      {
        profile: "default",
        status: "signedOut",
        error: "The profile default does not exist. Log in with: ellipsis-oauth login",
      },
    ])
    const bad = await user.run(["status", "--json"], { ELLIPSIS_OAUTH_PROFILE: "../x" })
    expect([bad.code, JSON.parse(bad.stdout)]).toMatchObject([2, { status: "unknown" }])
  })

  it("shows no characters of others that a terminal obeys or that turn a line around", async () => {
    const username = "de\u202Emo\u200B\u001b[31m\u0007"
    const server = await listening({
      clients,
      loopbackRedirect: "anyPort",
      users: [{ id: "1", username }],
    })
    const user = command.user()
    const login = await logIn(server, user, isPublic)
    expect(login.stderr).toContain("Logged in as demo[31m.")
    const shown = [
      login.stderr,
      ...(
        await Promise.all([["status"], ["status", "--json"], ["profiles"]].map((args) => user.run(args)))
      ).map(({ stdout }) => stdout),
    ]
    for (const text of shown) expect(text).not.toMatch(/(?!\n)\p{C}/u)

    const { said, ended } = user.start(["login", "--no-browser", "--port", "0"])
    const [, url = ""] = await said(/^ {2}(http\S+)$/m)
    const { searchParams } = new URL(url)
    const callback = new URL(searchParams.get("redirect_uri") ?? "")
    callback.search = String(
      new URLSearchParams({
        state: searchParams.get("state") ?? "",
        error: "access_denied",
        error_description: "no\u202Ew\u2066 \u200Bthen\u001b[2J",
      }),
    )
    const page = await (await fetch(callback)).text()
    const { code, stderr } = await ended
    expect(code).toBe(3)
    for (const text of [page, stderr]) expect(text).not.toMatch(/(?!\n)\p{C}/u)
  })

  it("reports the Node.js version it needs before anything else fails", async () => {
    const old = "Object.defineProperty(process, 'versions', { value: { node: '22.18.0' } })"
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ["--import", `data:text/javascript,${encodeURIComponent(old)}`, command.program, "token"],
      { encoding: "utf8", env: {} },
    )
    expect([status, stdout, stderr]).toEqual([
      2,
      "",
      `ellipsis-oauth: needs Node.js 22.19 or later, got ${process.version}. Install a newer Node.js: https://nodejs.org\n`,
    ])
  })

  it("prints its version", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))
    expect(await command.user().run(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" })
  })

  it("ends without an error when the reader of its output has ended", async () => {
    const server = await provider()
    const user = command.user()
    await logIn(server, user, isPublic)
    const { child, ended } = user.start(["status"])
    child.stdout.destroy()
    expect(await ended).toMatchObject({ code: 0, stderr: "" })
  })

  it("export keeps the login if nobody takes the token", async () => {
    const server = await provider()
    const user = command.user()
    await logIn(server, user, isPublic)
    const { child, ended } = user.start(["export"])
    child.stdout.destroy()
    expect(await ended).toMatchObject({
      code: 5,
      stderr: "ellipsis-oauth: Standard output cannot be written to (EPIPE).\n",
    })
    expect((await user.run(["status"])).code).toBe(0)
  })

  it.runIf(existsSync("/dev/full"))("a full disk is a failure, and not an empty token", async () => {
    const server = await provider()
    const user = command.user()
    await logIn(server, user, isPublic)
    for (const args of [["token"], ["export"], ["--help"]]) {
      const full = openSync("/dev/full", "w")
      const { status, stderr } = spawnSync(process.execPath, [command.program, ...args], {
        env: user.env,
        stdio: ["ignore", full, "pipe"],
        encoding: "utf8",
      })
      closeSync(full)
      expect([status, stderr]).toEqual([
        5,
        "ellipsis-oauth: Standard output cannot be written to (ENOSPC).\n",
      ])
    }
    expect((await user.run(["status"])).code).toBe(0)
  })

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("%s ends a login that waits, and leaves nothing", async (signal, code) => {
    const server = await provider()
    const user = command.user()
    const { child, said, ended } = user.start([
      "login",
      "--no-browser",
      "--port",
      "0",
      "--base-url",
      server.url,
      ...isPublic,
    ])
    const [, url = ""] = await said(/^ {2}(http\S+)$/m)
    child.kill(signal)
    expect(await ended).toMatchObject({
      code,
      stdout: "",
      stderr: expect.stringMatching(/ellipsis-oauth: interrupted\.\n$/),
    })
    expect((await user.run(["profiles", "--json"])).stdout).toBe("[]\n")
    const redirectUri = new URL(url).searchParams.get("redirect_uri") ?? ""
    await expect(fetch(redirectUri)).rejects.toThrow()
  })

  it("an interruption during the exchange waits for it, and leaves no token without a profile", async () => {
    const server = await provider()
    const user = command.user()
    const { child, said, ended } = user.start([
      "login",
      "--no-browser",
      "--port",
      "0",
      "--base-url",
      server.url,
      ...isPublic,
    ])
    const [, url = ""] = await said(/^ {2}(http\S+)$/m)
    const barrier = server.faults.hold(1)
    const page = fetch(url).then((response) => response.text())
    await barrier.full
    child.kill("SIGINT")
    expect(await page).toContain("The program stopped the login.")
    barrier.release()
    expect((await ended).code).toBe(130)
    expect(server.log.filter(({ grantType }) => grantType === "authorization_code")).toMatchObject([
      { decision: "granted" },
    ])
    expect((await user.run(["logout"])).stderr).toBe("The profile default does not exist.\n")
  })

  it("an interruption of another login of a profile leaves a token that the profile can use", async () => {
    const server = await provider()
    const user = command.user()
    await logIn(server, user, isPublic)
    const args = ["login", "--no-browser", "--port", "0", "--base-url", server.url, ...isPublic]
    const { child, said, ended } = user.start(args)
    const [, url = ""] = await said(/^ {2}(http\S+)$/m)
    const barrier = server.faults.hold(1)
    const page = fetch(url).then((response) => response.text())
    await barrier.full
    child.kill("SIGINT")
    await page
    barrier.release()
    expect((await ended).code).toBe(130)
    expect(await user.run(["token"])).toMatchObject({ code: 0, stderr: "" })
  })

  it("an interruption during a refresh loses no token", async () => {
    const server = await provider()
    const user = command.user()
    await logIn(server, user, isPublic)
    const barrier = server.faults.hold(1)
    const { child, said, ended } = user.start(["token", "--force"])
    await barrier.full
    child.kill("SIGINT")
    await said(/^ellipsis-oauth: interrupted\.$/m)
    barrier.release()
    expect(await ended).toMatchObject({ code: 130, stdout: "" })
    const next = await user.run(["token", "--force"])
    expect(next).toMatchObject({ code: 0, stderr: "" })
    expect(server.log.filter(({ decision }) => decision === "refused")).toEqual([])
  })

  it("reads the redirect URL from a browser on another machine", async () => {
    const server = await provider()
    const user = command.user()
    const { child, said, ended } = user.start([
      "login",
      "--no-browser",
      "--port",
      "0",
      "--base-url",
      server.url,
      ...isPublic,
    ])
    const [, url = ""] = await said(/^ {2}(http\S+)$/m)
    const location = (await fetch(url, { redirect: "manual" })).headers.get("location")
    child.stdin.write("nonsense\n")
    await said(/That is not the address of this login/)
    child.stdin.write(`${location}\n`)
    expect((await ended).code).toBe(0)
    expect((await user.run(["token"])).code).toBe(0)
  })
})
