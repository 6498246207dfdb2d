/** The examples that run by themselves do run, as a newcomer starts them. */
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { expect, it } from "vitest"

const run = async (...args: readonly string[]) => {
  const loader = ["--import", "tsx", "--conditions=@ellipsis-oauth/source"]
  const { stdout } = await promisify(execFile)(process.execPath, [...loader, ...args])
  return stdout
}

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

it("an idle session costs less than a kilobyte", async () => {
  expect(await run("--expose-gc", "benchmarks/src/idleSessions.ts")).toMatch(/^100000 idle sessions/)
}, 60_000)
