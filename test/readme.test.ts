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

  it("links to files and headings that exist", () => {
    expect(linksOf(text).flatMap((link) => problemsOf(page, link))).toEqual([])
  })
})

it.each(packageReadmes)("%s is complete on npm: one screen, absolute links", (readme) => {
  const text = readFileSync(readme, "utf8")
  expect(linksOf(text).filter((link) => !link.startsWith("https://"))).toEqual([])
  expect(text.split("\n").length).toBeLessThanOrEqual(60)
})

it("the snippets are found at all", () => {
  expect([...readFileSync("README.md", "utf8").matchAll(snippet)]).not.toHaveLength(0)
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
