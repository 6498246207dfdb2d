/** The recipes for Docker Compose and GitHub Actions: YAML as their readers take it, and flags that the command knows. */
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { parse } from "yaml"
import { flags } from "../../../packages/mock-server/src/command/flags.js"

const read = (name: string) => parse(readFileSync(new URL(`../${name}`, import.meta.url), "utf8"))

/** The flags of `npx --yes @ellipsis-oauth/mock-server …`. */
const flagsOf = (command: string): readonly string[] => {
  const [, rest = ""] = command.split("npx --yes @ellipsis-oauth/mock-server ")
  return [...rest.matchAll(/--([a-z-]+)/g)].map(([, name = ""]) => name)
}

const app = {
  ELLIPSIS_OAUTH_CLIENT_ID: "demo-app",
  ELLIPSIS_OAUTH_CLIENT_SECRET: "demo-secret",
}

test("Docker Compose: other containers reach it under its name", () => {
  const { services } = read("compose.yaml")
  const { command, ports, healthcheck } = services.mock
  expect(flagsOf(command)).toEqual(["host", "allow-host", "remote-control"])
  for (const flag of flagsOf(command)) expect(flags).toHaveProperty(flag)
  expect(command).toContain("--host 0.0.0.0 --allow-host mock ")
  expect(ports).toEqual(["4400:4400"])
  expect(healthcheck.test.slice(0, 3)).toEqual(["CMD", "node", "-e"])
  expect(() => new Function(healthcheck.test[3])).not.toThrow()
  expect(services.app.environment).toEqual({ ...app, ELLIPSIS_OAUTH_BASE_URL: "http://mock:4400/v3" })
  expect(services.app.depends_on).toEqual({ mock: { condition: "service_healthy" } })
})

test("GitHub Actions: in the background of the job", () => {
  const { env, steps } = read("github-actions.yaml").jobs.test
  expect(env).toEqual({ ...app, ELLIPSIS_OAUTH_BASE_URL: "http://127.0.0.1:4400/v3" })
  const [start = ""] = steps.flatMap(({ run }: { run?: string }) => (run?.includes("npx") ? [run] : []))
  expect(flagsOf(start)).toEqual(["remote-control"])
  expect(start).toMatch(/ &$/)
})
