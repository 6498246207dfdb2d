import { spawnSync } from "node:child_process"
import { closeSync, existsSync, openSync, readFileSync } from "node:fs"
import { request } from "node:https"
import { afterAll, describe, expect, it } from "vitest"
import type { LogEntry } from "../src/index.js"
import { buildCommand } from "./buildCommand.js"
import { open } from "./rawSocket.js"
import { call, get } from "./remote.js"
import { throughCommand, throughFunction } from "./scenario.js"
import { cert, key } from "./tls.js"

const command = await buildCommand()
afterAll(() => command[Symbol.dispose]())

const account = async (url: string) => (await fetch(`${url}/account`)).status

const authorize = (url: string, clientId = "demo-app") =>
  fetch(`${url}/oauth/authorize?response_type=code&client_id=${clientId}`, { redirect: "manual" })

const refresh = (url: string) =>
  fetch(`${url}/oauth/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: "unknown",
      client_id: "demo-app",
      client_secret: "demo-secret",
    }),
  })

describe("ellipsis-oauth-mock", () => {
  it("prints its URL, the configuration for an app, and every request with its reason", async () => {
    await using running = await command.start()
    await running.printed("Ctrl-C ends")
    const page = new URL("/", running.url).href
    for (const text of [
      `Base URL        ${running.url}\n`,
      `In a browser    ${page}\n`,
      "Demo app\n",
      `ELLIPSIS_OAUTH_BASE_URL=${running.url}\n`,
      "ELLIPSIS_OAUTH_CLIENT_ID=demo-app\n",
      "ELLIPSIS_OAUTH_CLIENT_SECRET=demo-secret\n",
      "ELLIPSIS_OAUTH_REDIRECT_URI=http://localhost:3000/callback\n    (and /callback, /auth/callback on any port of this machine)\n",
      "Demo single-page app (public: no secret, PKCE)\n",
    ]) {
      expect(running.stdout()).toContain(text)
    }
    expect(running.stdout()).not.toContain("Remote control")
    expect((await fetch(page)).headers.get("content-type")).toContain("text/html")

    await authorize(running.url)
    await running.printed(
      /\d\d:\d\d:\d\d #1 GET authorize 302 granted demo-app\n {4}demo approved; a code was issued\./,
    )
    await running.printed(
      "hint: missing-pkce in #1: The authorization request has no code_challenge. RFC 9700 section 2.1.1",
    )
    await account(running.url)
    await running.printed(
      /#2 GET account 401 refused: invalid_token\n {4}There is no Authorization header\.\n {4}Authorization: expected Bearer and an access token, got nothing/,
    )
    expect(running.stderr()).toBe("")
  })

  it("prints no control characters of a client", async () => {
    await using running = await command.start()
    await authorize(running.url, encodeURIComponent("\u001b[2J\u202e\nforged"))
    await running.printed("got ?[2J??forged")
    for (const character of ["\u001b", "\u202e"]) expect(running.stdout()).not.toContain(character)
  })

  it("prints JSON for programs: the URL, then one log entry a line", async () => {
    await using running = await command.start("--json", "--seed", "a")
    expect(running.stdout()).toBe(`{"listening":{"url":"${running.url}"}}\n`)
    await authorize(running.url)
    await account(running.url)
    await running.printed('"number":2')
    const [, ...lines] = running.stdout().trim().split("\n")
    expect(lines.map((line) => JSON.parse(line) as LogEntry)).toMatchObject([
      { number: 1, endpoint: "authorize", decision: "granted" },
      { number: 2, endpoint: "account", decision: "refused", error: "invalid_token" },
    ])
    expect(running.stderr()).toContain("ELLIPSIS_OAUTH_CLIENT_ID=demo-app")
  })

  it.each(["SIGINT", "SIGTERM"] as const)(
    "ends at once with %s, also with hanging requests",
    async (signal) => {
      await using running = await command.start("--fault", "hang@account")
      const socket = await open(running.url)
      socket.on("error", () => {}).write("GET /v3/acc")
      const hung = account(running.url).catch(() => "gone")
      await running.printed("no response was sent")
      const { code, stderr } = await running.end(signal)
      expect([code, stderr, await hung]).toEqual([0, "", "gone"])
    },
  )

  it("ends without an error when the reader of its output has ended", async () => {
    await using running = await command.start("--remote-control")
    const ended = running.closeOutput()
    while (await account(running.url).catch(() => undefined)) {}
    expect(await ended).toMatchObject({ code: 0, stderr: "" })
  })

  it("takes clients, users, lifetimes, rotation and consent", async () => {
    await using running = await command.start(
      ...["--client", "my-app:se:cr@et@http://localhost:5000/a,http://localhost:5000/b"],
      ...["--client=spa@http://localhost:5173/"],
      ...["--user", "ada", "--user", "grace", "--consent"],
      ...[
        "--access-token-lifetime",
        "90s",
        "--rotation",
        "30s",
        "--code-parameter",
        "code",
        "--remote-control",
      ],
    )
    expect(running.stdout()).toContain("ELLIPSIS_OAUTH_CLIENT_SECRET=se:cr@et\n")
    expect(running.stdout()).toContain("spa (public: no secret, PKCE)\n")
    expect(running.stdout()).toContain(`Remote control  ${new URL("/__mock/openapi.json", running.url)}\n`)
    expect(await (await authorize(running.url, "spa")).text()).toContain("grace")

    const { body } = await call(running, "authorize", {
      clientId: "my-app",
      redirectUri: "http://localhost:5000/b",
      user: "grace",
    })
    const reply = await fetch(`${running.url}/oauth/token`, {
      method: "POST",
      headers: { authorization: `Basic ${btoa(`my-app:${encodeURIComponent("se:cr@et")}`)}` },
      body: new URLSearchParams({
        grant_type: "authorization_code",
        code: String(body["code"]),
        redirect_uri: "http://localhost:5000/b",
      }),
    })
    expect(await reply.json()).toMatchObject({ expires_in: 90 })
    expect((await get(running, "families")).body).toMatchObject({ families: [{ username: "grace" }] })
  })

  it("takes faults: a number of times, always, as JSON, by chance", async () => {
    await using running = await command.start(
      ...["--fault", "unavailable@account:2", "--fault", '{"reply":{"status":418}}@account'],
      ...["--fault", "serverError:1", "--fault-rate", "1", "--seed", "a"],
    )
    const statuses = []
    for (let i = 0; i < 4; i++) statuses.push(await account(running.url))
    expect(statuses).toEqual([503, 503, 418, 418])
    expect((await refresh(running.url)).status).toBe(500)
    const outcome = await refresh(running.url).then(
      ({ status }) => status >= 500,
      () => true,
    )
    expect(outcome).toBe(true)
  })

  it("reads a file, which flags override", async () => {
    const options = {
      port: 1,
      clients: [{ clientId: "from-file", redirectUris: ["http://localhost/"] }],
      faults: ["slow@token", "serverError@account:1"],
      page: false,
    }
    command.write("mock.json", JSON.stringify(options))
    await using running = await command.start("--config", "mock.json", "--user", "ada")
    expect(running.stdout()).toContain("ELLIPSIS_OAUTH_CLIENT_ID=from-file")
    expect(running.stdout()).not.toContain("In a browser")
    expect([await account(running.url), await account(running.url)]).toEqual([500, 401])

    command.write("mock.mjs", "export default { now: Date.UTC(2026, 0, 1), remoteControl: true }")
    await using still = await command.start("-c", "mock.mjs")
    expect((await get(still, "clock/now")).body).toEqual({ now: Date.UTC(2026, 0, 1) })
  })

  it("reads a file with a byte order mark, which PowerShell writes", async () => {
    command.write("mark.json", '\uFEFF{"seed":"a"}')
    await using running = await command.start("--config", "mark.json")
    expect(await account(running.url)).toBe(401)
  })

  it("behaves like the server that a file describes, unless a flag says otherwise", async () => {
    const example = new URL("../../../examples/mock-server/server-habits.json", import.meta.url)
    command.write("habits.json", readFileSync(example, "utf8"))
    await using running = await command.start("--like", "habits.json")
    const refused = await refresh(running.url)
    expect([refused.status, await refused.json()]).toEqual([400, { message: expect.any(String) }])

    await using other = await command.start("--like", "habits.json", "--error-format", "rfc6749")
    expect(await (await refresh(other.url)).json()).toMatchObject({ error: "invalid_grant" })

    command.write("old.json", '{"format":"something else"}')
    const ended = await command.run("--like", "old.json")
    expect([ended.code, ended.stderr]).toEqual([
      2,
      expect.stringContaining(
        'old.json: format must be "ellipsis-oauth/server-habits@1", got "something else".',
      ),
    ])
    expect((await command.run("--like", "none.json")).code).toBe(2)
  })

  it("repeats nothing of a file that is not JSON, because it may contain a secret", async () => {
    command.write("broken.json", '{ "clients": [{ "clientSecret": hush } ] }')
    for (const flag of ["--config", "--like"]) {
      const { code, stderr } = await command.run(flag, "broken.json")
      expect([code, stderr]).toEqual([2, `ellipsis-oauth-mock: ${flag}: "broken.json" is not valid JSON.\n`])
    }
  })

  it("uses HTTPS", async () => {
    command.write("key.pem", key)
    command.write("cert.pem", cert)
    await using running = await command.start("--tls-key", "key.pem", "--tls-cert", "cert.pem")
    expect(running.url).toMatch(/^https:/)
    const status = await new Promise((resolve, reject) => {
      request(`${running.url}/account`, { ca: cert }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
        .on("error", reject)
        .end()
    })
    expect(status).toBe(401)
  })

  it("prints localhost if it listens on every address", async () => {
    await using running = await command.start("--host", "0.0.0.0")
    expect(running.url).toMatch(/^http:\/\/localhost:\d+\/v3$/)
    expect(await account(running.url)).toBe(401)
  })

  it("has the same log as fetch and socket, in JSON lines and by remote control", async () => {
    const inProcess = JSON.parse(JSON.stringify(await throughFunction()))
    const { printed, ...report } = await throughCommand(command)
    expect(report).toEqual(inProcess)
    expect(printed).toEqual(inProcess.log)
  })
})

describe("a wrong command line", () => {
  it.each([
    [["--port", "http"], '--port must be a port from 0 (any free one) to 65535, got "http".'],
    [["--port"], "--port must be a number, got nothing."],
    [["--prot", "1"], "--prot is not a known flag. Did you mean --port? See --help."],
    [["--rotation", "sometimes"], /^--rotation must be off, always, or how long.*, got "sometimes"\.$/m],
    [["--access-token-lifetime", "0.5s"], /^--access-token-lifetime must be at least 1 second.*, got 500\./],
    [
      ["--client", "a@http://x/", "--client", `${"b".repeat(51)}@http://x/`],
      /^--client number 2, clientId must be a string of 1 to 50 characters, got "b+"/,
    ],
    [["--fault", '{"wire":"rest"}'], /^--fault\.wire must be "reset" or .*, got "rest"/],
    [["--config", "absent.json"], /^--config: cannot read "absent.json": ENOENT/],
    [["--config", "array.json"], /^--config must be JSON with an object.*, got "array.json"/],
    [["--config", "absent.mjs"], /^--config: cannot read "absent.mjs": ENOENT/],
    [["--config", "secrets.txt"], '--config: "secrets.txt" is not valid JSON.'],
    [["--config", "broken.mjs"], /^--config: cannot use "broken.mjs": /],
    [
      ["--config", "wrong.json"],
      'wrong.json: rotation must be "off", "always" or { grace, reuse }, got "often".',
    ],
    [["--config", "unknown.json"], /^unknown\.json: clints is not known\. Did you mean "clients"\?/],
    [["--config", "port.json"], 'port.json: port must be a port from 0 (any free one) to 65535, got "http".'],
    [["--tls-key", "key.pem"], "--tls-key needs --tls-cert as well."],
    [
      ["--tls-key", "port.json", "--tls-cert", "port.json"],
      /^--tls-key and --tls-cert must be a PEM private key and its PEM certificate, .* OpenSSL: /,
    ],
    [
      ["--allow-host", "mock:4400"],
      '--allow-host must be a host name without a port, such as mock, got "mock:4400".',
    ],
    [["--host", "not a host"], '--host must be a name or address of this machine, got "not a host".'],
  ])("%j exits with 2 and one line", async (args, message) => {
    command.write("secrets.txt", "kanary-secret")
    command.write("array.json", "[]")
    command.write("broken.mjs", "export default {")
    command.write("wrong.json", '{"rotation":"often"}')
    command.write("unknown.json", '{"clints":[]}')
    command.write("port.json", '{"port":"http"}')
    const { code, stdout, stderr } = await command.run(...args)
    const [line = "", rest] = stderr.split("\n")
    expect(line.replace("ellipsis-oauth-mock: ", "")).toEqual(
      typeof message === "string" ? message : expect.stringMatching(message),
    )
    expect([code, stdout, rest]).toEqual([2, "", ""])
  })

  it("says what to do if the port is in use", async () => {
    await using running = await command.start()
    const { port } = new URL(running.url)
    const { code, stderr } = await command.run("--port", port)
    expect([code, stderr]).toEqual([
      2,
      `ellipsis-oauth-mock: --port: ${port} is already in use. Stop the other program, or choose another port (0 for any free one).\n`,
    ])
  })
})

it("needs Node.js 22.19, and says so", async () => {
  const old = "Object.defineProperty(process, 'versions', { value: { node: '22.18.0' } })"
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(old)}`, "dist/ellipsis-oauth-mock.js", "--help"],
    { cwd: command.folder, encoding: "utf8", env: {} },
  )
  expect([status, stdout, stderr]).toEqual([
    2,
    "",
    `ellipsis-oauth-mock: needs Node.js 22.19 or later, got ${process.version}. Install a newer Node.js: https://nodejs.org\n`,
  ])
})

it.runIf(existsSync("/dev/full"))("fails if its output cannot be written", () => {
  const full = openSync("/dev/full", "w")
  const { status, stderr } = spawnSync(process.execPath, ["dist/ellipsis-oauth-mock.js", "--port", "0"], {
    cwd: command.folder,
    stdio: ["ignore", full, "pipe"],
    encoding: "utf8",
  })
  closeSync(full)
  expect([status, stderr]).toEqual([
    1,
    "ellipsis-oauth-mock: standard output cannot be written to (ENOSPC).\n",
  ])
})

it("prints its version", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))
  expect(await command.run("--version")).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" })
})

it("prints a help text", async () => {
  const { code, stdout, stderr } = await command.run("-h")
  expect([code, stderr]).toEqual([0, ""])
  expect(stdout).toMatch(/^ellipsis-oauth-mock: the OAuth 2\.0 endpoints of Ellipsis Drive on this machine/)
  for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(88)
})
