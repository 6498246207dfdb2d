/** The packed package in projects of its users. It installs from npm's registry, so it runs on demand. */
import { readFileSync } from "node:fs"
import { afterAll, describe, expect, it } from "vitest"
import { packPackage } from "./PackedProject.js"

const isWanted = process.env["TEST_FULL"] === "1"

const refreshing = `
  const { code } = mockServer.authorize({ clientId: "demo-app" })
  const post = async (parameters) => {
    const body = new URLSearchParams({ client_id: "demo-app", client_secret: "demo-secret", ...parameters })
    const response = await mockServer.fetch(mockServer.url + "/oauth/token", { method: "POST", body })
    return response.json()
  }
  const { refresh_token } = await post({ grant_type: "authorization_code", authorization_code: code })
  await post({ grant_type: "refresh_token", refresh_token })
`

const vitestFile = (configure: string) => `
import { test } from "@ellipsis-oauth/mock-server/vitest"
import { describe, expect } from "vitest"

describe("a client", () => {
  ${configure}
  test("refreshes once", async ({ mockServer }) => {
    ${refreshing.replace("(parameters)", "(parameters: Record<string, string>): Promise<any>")}
    expect(mockServer.clock.now()).toBe(0)
    expect(mockServer).toHaveRefreshedOnce()
    expect(mockServer).not.toHaveRefreshedTimes(2)
    expect(mockServer).toHaveNoReuse()
  })
})
`

const example = (path: string) =>
  readFileSync(new URL(`../../../../examples/mock-server/${path}`, import.meta.url), "utf8")

/** What is loaded when it is first asked for is in the package as well. */
const lateFile = `
import assert from "node:assert/strict"
import { test } from "node:test"
import { createMockServer } from "@ellipsis-oauth/mock-server"

test("remote control and page", async () => {
  await using server = await createMockServer({ remoteControl: true }).listen()
  const log = await fetch(new URL("/__mock/log", server.url))
  assert.deepEqual(await log.json(), { log: [] })
  assert.match(await (await fetch(new URL("/", server.url))).text(), /<script>/)
})
`

if (!isWanted) {
  it("is installed by npm beside Vitest 3, 4, 5, Jest and node:test", ({ skip }) => {
    console.info("Skipped: the installation tests run with TEST_FULL=1.")
    skip("TEST_FULL=1 is not set")
  })
} else {
  const packed = await packPackage()
  afterAll(() => packed[Symbol.dispose]())
  const override = 'test.override("mockServerOptions", { now: 0 })'
  const projects = await Promise.all([
    packed.createProject("vitest3", ["vitest@3"], {
      "client.test.ts": vitestFile("test.scoped({ mockServerOptions: { now: 0 } })"),
    }),
    packed.createProject("vitest4", ["vitest@4"], { "client.test.ts": vitestFile(override) }),
    packed.createProject("vitest5", ["vitest@5"], { "client.test.ts": vitestFile(override) }),
    packed.createProject("jest", ["jest@30"], { "client.test.js": example("jest/client.test.js") }),
    packed.createProject("node", [], {
      "client.test.ts": example("node-test/client.test.ts"),
      "late.test.js": lateFile,
    }),
  ])
  const [vitest3, vitest4, vitest5, jest, node] = projects

  describe("the packed package", { timeout: 60_000 }, () => {
    it.each([
      ["3", vitest3],
      ["4", vitest4],
      ["5", vitest5],
    ])("works with Vitest %s, types included", async (_, project) => {
      expect(await project.node(["node_modules/vitest/vitest.mjs", "run"])).toMatchObject({
        code: 0,
        output: expect.stringContaining("1 passed"),
      })
      expect(await project.checkTypes("client.test.ts")).toEqual({ code: 0, output: "" })
    })

    it("works with Jest", async () => {
      const outcome = await jest.node(["node_modules/jest/bin/jest.js"], {
        NODE_OPTIONS: "--experimental-vm-modules",
      })
      expect(outcome).toMatchObject({ code: 0, output: expect.stringContaining("1 passed") })
    })

    it("works with node:test and no other package, and so does its command", async () => {
      const outcome = await node.node(["--test"])
      expect(outcome).toMatchObject({ code: 0, output: expect.stringMatching(/pass 2\b/) })
      const { output } = await node.npx(["@ellipsis-oauth/mock-server", "--version"])
      expect(output).toBe("0.0.0\n")
    })
  })
}
