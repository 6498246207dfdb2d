/** The packed packages on every runtime that npm has: one line for each part, and a table for the README. */
import { spawn } from "node:child_process"
import { cpSync, globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createMockServer } from "@ellipsis-oauth/mock-server"
import { startApi } from "./api.ts"

const here = import.meta.dirname

const runtimes: readonly (readonly string[])[] = [
  [join(here, "node_modules/node22/bin/node")],
  [join(here, "node_modules/node24/bin/node")],
  [join(here, "node_modules/node26/bin/node")],
  [join(here, "node_modules/.bin/deno"), "run", "--allow-all"],
  [join(here, "node_modules/.bin/bun"), "run"],
]

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A runtime that hangs is killed, and counts as failed. */
const maxRunTime = 60_000

const run = (
  [program = "", ...args]: readonly string[],
  cwd: string,
  options: { readonly env?: NodeJS.ProcessEnv; readonly onError?: (stderr: string) => void } = {},
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const { env = process.env, onError } = options
    // Open, since a login whose standard input has ended is given up.
    const child = spawn(program, args, { cwd, env, stdio: ["pipe", "pipe", "pipe"] })
    const timer = setTimeout(() => child.kill("SIGKILL"), maxRunTime)
    let stdout = ""
    let stderr = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text
      onError?.(stderr)
    })
    child.on("error", reject)
    child.on("close", (code) => {
      clearTimeout(timer)
      resolve({ code, stdout, stderr })
    })
  })

const succeed = async (command: readonly string[], cwd: string): Promise<void> => {
  const { code, stdout, stderr } = await run(command, cwd)
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}:\n${stdout}${stderr}`)
}

const packages = ["core", "node", "cli"]

/** The packages as npm would give them to a user. */
const install = async (project: string): Promise<void> => {
  const pack = ["pnpm", ...packages.map((name) => `--filter=@ellipsis-oauth/${name}`), "pack"]
  await succeed([...pack, "--pack-destination", project], join(here, ".."))
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }))
  const tarballs = globSync(join(project, "*.tgz"))
  await succeed(["npm", "install", "--prefer-offline", "--no-audit", "--no-fund", ...tarballs], project)
  cpSync(join(here, "scenario.ts"), join(project, "scenario.ts"))
}

type Result = readonly [part: string, problem: string | undefined]

interface Report {
  /** What the runtime calls itself. */
  readonly name: string
  readonly results: readonly Result[]
}

const runScenario = async (
  runtime: readonly string[],
  project: string,
  urls: readonly string[],
): Promise<Report> => {
  const { stdout, stderr } = await run([...runtime, "scenario.ts", ...urls], project)
  const [first, ...lines] = stdout
    .split("\n")
    .flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []))
  if (lines.length === 0)
    throw new Error(`${runtime.join(" ")} did not run the scenario:\n${stdout}${stderr}`)
  return { name: first.runtime, results: lines.map(({ name, problem }): Result => [name, problem]) }
}

/** Logs in, prints a token, and logs out. */
const runCommand = async (runtime: readonly string[], project: string, baseUrl: string): Promise<Result> => {
  const home = mkdtempSync(join(project, "home-"))
  const env = { PATH: process.env["PATH"] ?? "", HOME: home, ELLIPSIS_OAUTH_CLIENT_SECRET: "secret" }
  const program = join(project, "node_modules/@ellipsis-oauth/cli/dist/ellipsis-oauth.js")
  const command = (...args: readonly string[]) => [...runtime, program, ...args]
  let browsed = false
  const login = command("login", "--no-browser", "--port", "0", "--client-id", "app", "--base-url", baseUrl)
  const onError = (stderr: string) => {
    const url = /^ {2}(http\S+)$/m.exec(stderr)?.[1]
    if (url === undefined || browsed) return
    browsed = true
    void fetch(url)
  }
  const ended = await run(login, project, { env, onError })
  if (ended.code !== 0) return ["ellipsis-oauth", ended.stderr.trim()]
  const token = await run(command("token"), project, { env })
  // A program that reads the token from the output must not find a warning of the runtime there.
  if (token.code !== 0 || !/^\S+\n$/.test(token.stdout) || token.stderr !== "") {
    return ["ellipsis-oauth", `token: ${token.stderr.trim()}`]
  }
  const refreshed = await run(command("token", "--force"), project, { env })
  if (refreshed.code !== 0 || refreshed.stdout === token.stdout) return ["ellipsis-oauth", refreshed.stderr]
  const logout = await run(command("logout"), project, { env })
  return ["ellipsis-oauth", logout.code === 0 ? undefined : logout.stderr.trim()]
}

const project = mkdtempSync(join(tmpdir(), "ellipsis-oauth-runtimes-"))
const clients = [{ clientId: "app", clientSecret: "secret", redirectUris: ["http://127.0.0.1/callback"] }]
const server = await createMockServer({ clients, loopbackRedirect: "anyPort", rotation: "always" }).listen()
const api = await startApi()
try {
  await install(project)
  const names: string[] = []
  const table = new Map<string, string[]>()
  for (const runtime of runtimes) {
    const { name, results } = await runScenario(runtime, project, [server.url, api.origin, api.otherOrigin])
    names.push(name)
    for (const [part, problem] of [...results, await runCommand(runtime, project, server.url)]) {
      if (problem !== undefined) process.exitCode = 1
      console.log(
        `${problem === undefined ? "passed" : "FAILED"}  ${name}: ${part} ${problem ?? ""}`.trimEnd(),
      )
      table.set(part, [...(table.get(part) ?? []), problem === undefined ? "yes" : "no"])
    }
  }
  console.log(`\n| | ${names.join(" | ")} |\n| --- |${" --- |".repeat(names.length)}`)
  for (const [part, cells] of table) console.log(`| ${part} | ${cells.join(" | ")} |`)
} finally {
  await server.close()
  await api.close()
  rmSync(project, { recursive: true, force: true })
}
