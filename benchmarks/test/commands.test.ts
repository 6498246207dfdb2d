import { execFile } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { expect, onTestFinished, test } from "vitest"

const root = join(import.meta.dirname, "../..")

/** A script of the root package, as a developer runs it. */
const run = async (script: string, ...args: readonly string[]): Promise<string> => {
  const command = ["--yes", "pnpm@12", "--silent", script, ...args]
  const { stdout } = await promisify(execFile)("npx", command, { cwd: root, maxBuffer: 2 ** 26 })
  return stdout
}

const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "ellipsis-oauth-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const json = (folder: string, file: string) => JSON.parse(readFileSync(join(folder, file), "utf8"))

/** Every number in it. */
const numbersIn = (value: unknown): readonly unknown[] => {
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(numbersIn)
  return typeof value === "string" ? [] : [value]
}

/** A busy machine takes several times as long as an idle one. */
const timeout = 600_000

test("bench --quick: each subject gives figures, a text, and plots", { timeout }, async () => {
  const results = temporaryFolder()
  await run("bench", "--quick", "--results", results)
  const files = readdirSync(results)
  const subjects = files.filter((file) => file.endsWith(".json")).map((file) => file.slice(0, -5))
  expect(subjects.toSorted()).toEqual([
    "behaviour",
    "bundle-size",
    "cached-token",
    "callers",
    "imports",
    "mock-server",
    "processes",
    "sessions",
    "simulation",
    "slow-provider",
    "token-requests",
  ])
  for (const subject of subjects) {
    const { machine, ...data } = json(results, `${subject}.json`)
    expect(machine).toMatchObject({ node: process.version, load: [expect.any(Number), expect.any(Number)] })
    // What could not be measured is null in JSON.
    expect(numbersIn(data), subject).not.toContain(null)
    const text = readFileSync(join(results, `${subject}.md`), "utf8")
    expect(text, subject).toContain("**@ellipsis-oauth/")
    // A row of the behaviour is about an expires_in of NaN.
    if (subject !== "behaviour") expect(text, subject).not.toContain("NaN")
  }
  const plots = files.filter((file) => file.endsWith(".svg"))
  expect(plots.length).toBeGreaterThanOrEqual(8)
  for (const plot of plots) expect(readFileSync(join(results, plot), "utf8"), plot).not.toContain("NaN")

  const { rows } = json(results, "behaviour.json")
  const observed = new Map(
    rows.map((row: { readonly id: string; readonly observed: object }) => [row.id, row.observed]),
  )
  expect(observed.get("concurrent")).toMatchObject({
    "@ellipsis-oauth/node": "1 request; 10 tokens, 0 errors",
    oauth4webapi: "not offered",
  })
  expect(observed.get("otherOrigin")).toMatchObject({ "@ellipsis-oauth/node": "not sent" })
  expect(observed.get("browserState")).toMatchObject({
    "@ellipsis-oauth/react": expect.stringContaining("the code is sent not at all"),
  })
})

test("soak: a short one signs nobody out", { timeout }, async () => {
  const results = temporaryFolder()
  await run(
    "soak",
    "--minutes",
    "0.2",
    "--sessions",
    "20",
    "--processes",
    "2",
    "--lifetime",
    "6",
    "--results",
    results,
  )
  const { points } = json(results, "soak.json")
  const sum = (name: string): number =>
    points.reduce((total: number, point: Readonly<Record<string, number>>) => total + (point[name] ?? 0), 0)
  expect(sum("refreshes")).toBeGreaterThan(0)
  expect(sum("tokens")).toBeGreaterThan(sum("refreshes"))
  expect(sum("signedOut")).toBe(0)
  expect(readFileSync(join(results, "soak-heap.svg"), "utf8")).toContain("<path")
})

test("chaos: a short one finds no defect and draws its plot", { timeout }, async () => {
  const results = temporaryFolder()
  const args = [
    "--refreshes",
    "150",
    "--stores",
    "sqlite",
    "--users",
    "10",
    "--workers",
    "2",
    "--processes",
    "5",
  ]
  const printed = await run("chaos", ...args, "--results", results)
  expect(printed).toMatch(/\| defects \| 0 \|/)
  expect(json(results, "chaos.json").chaos).toHaveLength(1)
  expect(readFileSync(join(results, "chaos-callers.svg"), "utf8")).toContain("<rect")
})
