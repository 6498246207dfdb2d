/** The examples that run by themselves do run, as a newcomer starts them. */
import { execFile } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { promisify } from "node:util"
import { expect, it, onTestFinished } from "vitest"

const runWith = async (env: Readonly<Record<string, string>>, ...args: readonly string[]) => {
  const loader = ["--import", "tsx", "--conditions=@ellipsis-oauth/source"]
  const options = { env: { ...process.env, ...env } }
  const { stdout } = await promisify(execFile)(process.execPath, [...loader, ...args], options)
  return stdout
}

const run = (...args: readonly string[]) => runWith({}, ...args)

it("the demo walks the whole story", async () => {
  expect(await run("examples/main-job/src/demo.ts")).toMatch(/\n24 steps, all as expected\.\n$/)
}, 60_000)

it("events and spans are shown as they are exported, without a secret", async () => {
  const printed = await run("examples/observability/src/main.ts")
  for (const expected of [
    "tokenIssued ada",
    "refreshed ada",
    "refreshFailed ada",
    "ellipsis-oauth.requestToken",
    "ellipsis-oauth.refreshCredential",
  ]) {
    expect(printed).toContain(expected)
  }
  expect(printed).not.toContain("demo-secret")
}, 60_000)

it("the Effect app shows its story and its spans, without a secret", async () => {
  const printed = await run("examples/effect-app/src/main.ts")
  for (const expected of [
    "Send ada to the login.",
    "The account of ada: {",
    "HTTP 503: try again in 60 s. Nobody is signed out.",
    "ellipsis-oauth.requestToken refresh_token",
  ]) {
    expect(printed).toContain(expected)
  }
  expect(printed).not.toContain("demo-secret")
}, 60_000)

it.each(["auth-routes/src", "react-map", "backend-map", "nextjs"])(
  "%s says what to do when a port is taken",
  async (folder) => {
    const taken = createServer().listen(0, "127.0.0.1")
    onTestFinished(() => void taken.close())
    await once(taken, "listening")
    const port = String((taken.address() as AddressInfo).port)
    const ended = runWith({ PORT: "0", MOCK_PORT: port }, `examples/${folder}/dev.ts`)
    await expect(ended).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        `Port ${port} is taken. End the program that has it, or choose other ports: `,
      ),
    })
    await expect(ended).rejects.not.toMatchObject({ stderr: expect.stringContaining("    at ") })
  },
  60_000,
)

it("an idle session costs less than a kilobyte", async () => {
  expect(await run("--expose-gc", "benchmarks/src/idleSessions.ts")).toMatch(/^100000 idle sessions/)
}, 60_000)
