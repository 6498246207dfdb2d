// The server of the README, letter by letter but for its ports: a browser comes to an access token.
import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { createMockServer, faultCatalog } from "@ellipsis-oauth/mock-server"
import { expect, onTestFinished, test } from "vitest"

const freePort = async () => {
  const server = createServer().listen(0)
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, "close")
  return port
}

/** A browser at the server of the README, and what that server has logged. */
const start = async (change: (source: string) => string) => {
  const mock = await createMockServer().listen()
  onTestFinished(() => mock.close())
  const port = await freePort()
  const source = readFileSync(join(import.meta.dirname, "../src/server.ts"), "utf8")
  const program = join(import.meta.dirname, `server-${port}.ts`)
  const onFreePorts = source.replace("4400", new URL(mock.url).port).replaceAll("3000", String(port))
  writeFileSync(program, change(onFreePorts))
  onTestFinished(() => rmSync(program))
  const args = ["--import", "tsx", "--conditions=@ellipsis-oauth/source", program]
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] })
  onTestFinished(() => void child.kill())
  const logged = text(child.stderr)
  const [line] = await once(child.stdout, "data")
  expect(String(line)).toBe(`http://localhost:${port}\n`)

  const cookies = new Map<string, string>()
  const visit = async (url: string): Promise<string> => {
    const cookie = [...cookies].map((pair) => pair.join("=")).join("; ")
    const response = await fetch(url, { redirect: "manual", headers: { cookie } })
    for (const set of response.headers.getSetCookie()) {
      const [name = "", value = ""] = set.split(";")[0]?.split("=") ?? []
      cookies.set(name, value)
    }
    const location = response.headers.get("location")
    return location === null ? response.text() : visit(new URL(location, url).href)
  }
  const log = () => {
    child.kill()
    return logged
  }
  return { mock, open: () => visit(`http://localhost:${port}/`), log }
}

test("server.ts", async () => {
  const { open, log } = await start((source) => source)
  expect(await open()).toMatch(/^The access token: [\w-]{40}$/)
  expect(await log()).toBe("")
}, 60_000)

test("server.ts with a wrong secret: the error names the log, and the log has the cause", async () => {
  const { open, log } = await start((source) => source.replace("demo-secret", "wrong-secret"))
  expect(await open()).toContain("See the server's log.")
  const logged = await log()
  expect(logged).toContain("invalid_client")
  expect(logged).not.toContain("wrong-secret")
}, 60_000)

test("server.ts after the provider has ended the login: a new login, and no error", async () => {
  const { mock, open, log } = await start((source) => source)
  mock.faults.next("token", { change: { set: { expires_in: 0.001 } } })
  mock.faults.next("refresh", faultCatalog.refusedGrant)
  expect(await open()).toMatch(/^The access token: [\w-]{40}$/)
  expect(mock.log.filter(({ grantType }) => grantType === "authorization_code")).toHaveLength(2)
  expect(await log()).toBe("")
}, 60_000)
