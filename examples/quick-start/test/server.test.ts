// The server of the README, letter by letter but for its ports: a browser comes to an access token.
import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { createMockServer } from "@ellipsis-oauth/mock-server"
import { expect, onTestFinished, test } from "vitest"

const freePort = async () => {
  const server = createServer().listen(0)
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, "close")
  return port
}

test("server.ts", async () => {
  const mock = await createMockServer().listen()
  onTestFinished(() => mock.close())
  const port = await freePort()
  const source = readFileSync(join(import.meta.dirname, "../src/server.ts"), "utf8")
  const program = join(import.meta.dirname, `server-${port}.ts`)
  writeFileSync(program, source.replace("4400", new URL(mock.url).port).replaceAll("3000", String(port)))
  onTestFinished(() => rmSync(program))
  const args = ["--import", "tsx", "--conditions=@ellipsis-oauth/source", program]
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] })
  onTestFinished(() => void child.kill())
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
  expect(await visit(`http://localhost:${port}/`)).toMatch(/^The access token: [\w-]{40}$/)
}, 60_000)
