/** Code in a README or a guide is the code of a compiled example, letter by letter. */
import { globSync, readFileSync, statSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"

const repository = "https://github.com/ellipsis-oauth/ellipsis-oauth"

const packageReadmes = globSync("packages/*/README.md")
const guides = globSync("docs/**/*.md", { exclude: ["docs/node_modules", "docs/reference"] })
const pages = ["README.md", "SECURITY.md", "CONTRIBUTING.md", ...globSync("examples/*/README.md")]

/** A comment with the example's path from the root, then the block. */
const snippet = /<!-- ((?:examples|packages)\/\S+) -->\n\n```\w+\n([\s\S]*?)```/g

/** As GitHub makes them, and `slugify` of the site's configuration. */
const anchorsOf = (path: string) =>
  [...readFileSync(path, "utf8").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{Pc}\- ]/gu, "")
      .replaceAll(" ", "-"),
  )

/** Where a link leads in this repository, from its root; `undefined` for another site. */
const targetOf = (page: string, link: string) => {
  const inRepository = link.match(`^${repository}/(?:blob|tree)/main/([^#]*)(?:#(.*))?$`)
  if (inRepository !== null) return { path: inRepository[1] ?? "", anchor: inRepository[2] }
  if (/^(https?|mailto):/.test(link)) return undefined
  const [path = "", anchor] = link.split("#")
  return { path: path === "" ? page : join(dirname(page), path), anchor }
}

const problemsOf = (page: string, link: string): string[] => {
  const target = targetOf(page, link)
  if (target === undefined) return []
  const { path, anchor } = target
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return [`no file ${path}`]
  if (anchor === undefined || anchorsOf(path).includes(anchor)) return []
  return [`no heading ${anchor} in ${path}`]
}

const linksOf = (text: string) =>
  [...text.replace(/^```[\s\S]*?^```/gm, "").matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link)

describe.each([...pages, ...packageReadmes, ...guides])("%s", (page) => {
  const text = readFileSync(page, "utf8")

  it("quotes its examples as they are", () => {
    for (const [, path = "", code] of text.matchAll(snippet)) {
      expect(readFileSync(path, "utf8"), path).toBe(code)
    }
  })

  it("has no code that is not an example", () => {
    const isCode = /^```(tsx?|typescript|jsx?|py|python)$/m
    const blocks = text.match(new RegExp(isCode, "gm")) ?? []
    const examples = [...text.matchAll(snippet)].filter(([block]) => isCode.test(block))
    expect(examples).toHaveLength(blocks.length)
  })

  it("names environment variables as the mock server prints them and the command reads them", () => {
    expect(text.match(/(?<![A-Z_])(?:NEXT_PUBLIC_)?ELLIPSIS_(?!OAUTH_)\w+/g)).toBeNull()
    expect(
      text.match(/(?<![A-Z_])(?:NEXT_PUBLIC_)?(?:BASE_URL|CLIENT_ID|CLIENT_SECRET|REDIRECT_URI)\b/g),
    ).toBeNull()
  })

  it("links to files and headings that exist", () => {
    expect(linksOf(text).flatMap((link) => problemsOf(page, link))).toEqual([])
  })
})

it.each(packageReadmes)("%s is complete on npm: one screen, absolute links", (readme) => {
  const text = readFileSync(readme, "utf8")
  expect(linksOf(text).filter((link) => !link.startsWith("https://"))).toEqual([])
  expect(text.split("\n").length).toBeLessThanOrEqual(70)
})

/** The packages that code imports, without the modules of Node.js and without files beside it. */
const importsOf = (code: string) =>
  [...code.matchAll(/ from "((?:@[^/"]+\/)?[^/".:][^/":]*)[^":]*"/g)].map(([, name = ""]) => name)

/** `react` comes with the app. */
const installedBy = (text: string) => [
  "react",
  ...[...text.matchAll(/^npm install (.+)$/gm)].flatMap(([, words = ""]) => words.split(" ")),
]

// A reader takes one section of the README, and the package's README as a whole.
const sections = readFileSync("README.md", "utf8")
  .split(/^(?=###? )/m)
  .map((text) => ({ title: `README.md, ${text.split("\n")[0]}`, text }))
const readmes = packageReadmes.map((path) => ({ title: path, text: readFileSync(path, "utf8") }))

it.each([...sections, ...readmes].filter(({ text }) => importsOf(text).length > 0))(
  "$title: installs what its code imports",
  ({ text }) => {
    expect(installedBy(text)).toEqual(expect.arrayContaining(importsOf(text)))
  },
)

it("the snippets are found at all", () => {
  expect([...readFileSync("README.md", "utf8").matchAll(snippet)]).not.toHaveLength(0)
})

it("the README's comparison is the one that was measured", () => {
  const { peers, rows } = JSON.parse(readFileSync("benchmarks/results/behaviour.json", "utf8"))
  const readme = readFileSync("README.md", "utf8")
  const cellsOf = (line: string) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "").trim())
  const [, table = ""] = /\n(\| \| \*\*@ellipsis-oauth\/node[\s\S]*?)\n\n/.exec(readme) ?? []
  const [header = "", , ...lines] = table.split("\n")
  const columns = cellsOf(header)
    .map((cell) => cell.replaceAll("*", "").replace(/^\| ?/, ""))
    .filter((cell) => cell !== "")
    .map((cell) => cell.split(" "))
  for (const [name, version] of columns) {
    expect(peers, name).toContainEqual(
      expect.objectContaining({ name, version: version ?? expect.any(String) }),
    )
  }
  expect(lines.length).toBeGreaterThan(5)
  for (const line of lines) {
    const [title, ...cells] = cellsOf(line)
    const row = rows.find((row: { readonly title: string; readonly group: string }) => row.title === title)
    expect(row, title).toBeDefined()
    // A cell may leave out the end.
    for (const [index, [name = ""]] of columns.entries()) {
      expect(`${row.observed[name]};`.startsWith(cells[index] ?? "?"), `${title}, ${name}`).toBe(true)
    }
  }
})

it("every guide is in the site's menu", () => {
  const config = readFileSync("docs/.vitepress/config.ts", "utf8")
  const missing = globSync("docs/guides/*.md").filter(
    (guide) => !config.includes(`"/${guide.slice("docs/".length, -".md".length)}"`),
  )
  expect(missing).toEqual([])
})

it("SECURITY.md names tests that exist", () => {
  const folders = [
    "",
    "packages/react/test/",
    "packages/node/test/",
    "packages/node/test/routes/",
    "packages/cli/test/",
  ]
  const named = readFileSync("SECURITY.md", "utf8").match(/[\w./-]+\.test\.tsx?/g) ?? []
  expect(named.length).toBeGreaterThan(10)
  const missing = named.filter((path) => folders.every((folder) => globSync(folder + path).length === 0))
  expect(missing).toEqual([])
})
