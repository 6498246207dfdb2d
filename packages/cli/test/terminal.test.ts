// Runs the command in a terminal, as a person does.
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { buildCommand } from "./buildCommand.js"
import { expireStored } from "./expireStored.js"
import { listening } from "./listening.js"
import { hasTmux, Terminal } from "./Terminal.js"

const command = await buildCommand()
afterAll(() => command[Symbol.dispose]())

const clients = [
  { clientId: "secret-app", clientSecret: "kanary-secret", redirectUris: ["http://127.0.0.1/callback"] },
]

const setUp = async () => {
  const server = await listening({ clients, loopbackRedirect: "anyPort" })
  const user = command.user()
  // A browser without a screen: it follows all redirects and saves the last page.
  const browser = join(user.home, "browser")
  const page = join(user.home, "page.html")
  const follow = `fetch(process.argv[1]).then((r) => r.text()).then((t) => require("fs").writeFileSync("${page}", t))`
  writeFileSync(browser, `#!/bin/sh\nenv > "${page}.env"\nexec "${process.execPath}" -e '${follow}' "$1"\n`, {
    mode: 0o755,
  })
  const terminal = await Terminal.open(user, command.program, { BROWSER: browser })
  return {
    server,
    user,
    terminal,
    page: () => readFileSync(page, "utf8"),
    browserEnvironment: () => readFileSync(`${page}.env`, "utf8"),
  }
}

describe.skipIf(!hasTmux())("in a terminal", { timeout: 120_000 }, () => {
  it("a wrong secret, the first login, a token, an expired one, offline, logout", async () => {
    const { server, user, terminal, page } = await setUp()
    const login = `ellipsis-oauth login --port 0 --base-url ${server.url}`

    await terminal.begin(login)
    await terminal.shows(/^\? Client id: ?$/m)
    await terminal.type("secret-app")
    await terminal.shows(/^\? Client secret \(press Enter for a public client\): \[input is masked\]/m)
    await terminal.type("kanary-wrong")
    await terminal.ends(5)
    expect(await terminal.screen()).toContain('refused the request with "invalid_client"')
    expect(page()).toContain("The login did not work")

    await terminal.begin(`${login} --client-id secret-app`)
    await terminal.shows(/^\? Client secret/m)
    await terminal.type("kanary-secretX")
    await terminal.press("C-u")
    await terminal.type("kanary-secre!")
    await terminal.ends(5)

    await terminal.begin(`${login} --client-id secret-app`)
    await terminal.shows(/^\? Client secret/m)
    for (const key of ["X", "BSpace", ..."kanary-secret"]) await terminal.press(key)
    await terminal.press("Enter")
    await terminal.ends(0)
    expect(await terminal.screen()).toContain("Logged in as demo.")
    expect(page()).toContain("You are logged in")

    expect(await terminal.run("ellipsis-oauth status")).toMatch(
      /^Account +demo\nAccess token +valid for 5\d min$/m,
    )
    const account = `curl -s -H "Authorization: Bearer $(ellipsis-oauth token)" ${server.url}/account`
    expect(await terminal.run(account)).toContain('"username":"demo"')

    await expireStored(user)
    await terminal.begin(account)
    await terminal.shows(/^\? Client secret \(to refresh the token\): /m)
    await terminal.type("kanary-secret")
    await terminal.ends(0)
    expect(await terminal.screen()).toContain('"username":"demo"')

    await expireStored(user)
    await server.close()
    const secret = "ELLIPSIS_OAUTH_CLIENT_SECRET"
    const offline = await terminal.run(`${secret}=any ellipsis-oauth token`, 4)
    expect(offline).toContain("could not be reached (ECONNREFUSED)")

    expect(await terminal.run("ellipsis-oauth logout")).toContain("Logged out of default.")
    expect(await terminal.run("ellipsis-oauth token", 3)).toContain("Log in with: ellipsis-oauth login")
    expect(await terminal.screen()).not.toContain("kanary")
  })

  it("the browser gets no secret", async () => {
    const { server, user, terminal, browserEnvironment } = await setUp()
    const variables = "ELLIPSIS_OAUTH_CLIENT_SECRET=kanary-secret ELLIPSIS_OAUTH_REFRESH_TOKEN=kanary-token"
    const login = `ellipsis-oauth login --port 0 --base-url ${server.url} --client-id secret-app --timeout 1m`
    await terminal.begin(`${variables} ${login}`)
    await terminal.ends(0)
    expect(browserEnvironment()).toContain(`HOME=${user.home}`)
    expect(browserEnvironment()).not.toContain("kanary")
  })

  it("Ctrl-C at every step stores nothing, and restores the terminal", async () => {
    const { server, user, terminal } = await setUp()
    const before = await terminal.run("stty -g")
    const modes = /^[\da-f:]{20,}$/m.exec(before)?.[0]
    expect(modes).toBeDefined()
    const login = `ellipsis-oauth login --no-browser --port 0 --base-url ${server.url}`
    const steps: ReadonlyArray<readonly [answers: readonly string[], shown: RegExp]> = [
      [[], /^\? Client id: ?$/m],
      [["secret-app"], /^\? Client secret /m],
      [["secret-app", "kanary-secret"], /^If that browser is on another machine/m],
    ]
    for (const [answers, shown] of steps) {
      await terminal.clear()
      await terminal.type(login)
      for (const [index, answer] of answers.entries()) {
        await terminal.shows(steps[index]?.[1] ?? shown)
        await terminal.type(answer)
      }
      await terminal.shows(shown)
      await terminal.press("C-c")
      await terminal.shows(/ellipsis-oauth: interrupted\.\s+\$ $/m)
      expect(await terminal.run("stty -g")).toContain(modes)
    }
    expect((await user.run(["profiles", "--json"])).stdout).toBe("[]\n")

    await terminal.begin(login)
    await terminal.shows(steps[0]?.[1] ?? /$^/)
    await terminal.press("C-d")
    await terminal.ends(2)
    expect(await terminal.screen()).toContain("ellipsis-oauth: The input ended before a value was entered.")
  })
})
