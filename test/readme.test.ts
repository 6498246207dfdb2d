/** Code in a README is the code of a compiled example, letter by letter. */
import { globSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"

const readmes = ["README.md", ...globSync("{packages,examples}/*/README.md")]

/** A comment with the example's path, then the block. */
const snippet = /<!-- (examples\/\S+) -->\n\n```\w+\n([\s\S]*?)```/g

describe.each(readmes)("%s", (readme) => {
  const text = readFileSync(readme, "utf8")

  it("quotes its examples as they are", () => {
    for (const [, path = "", code] of text.matchAll(snippet)) {
      expect(readFileSync(path, "utf8"), path).toBe(code)
    }
  })

  it("has no TypeScript that is not an example", () => {
    const blocks = text.match(/^```tsx?$/gm) ?? []
    const examples = [...text.matchAll(snippet)].filter(([block]) => /^```tsx?$/m.test(block))
    expect(examples).toHaveLength(blocks.length)
  })

  it("links to files that exist", () => {
    const folder = readme.slice(0, readme.lastIndexOf("/") + 1)
    for (const [, target = ""] of text.matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)[^)]*\)/g)) {
      expect(globSync(`${folder}${target}`), `${readme}: ${target}`).toHaveLength(1)
    }
  })
})

it("the snippets are found at all", () => {
  expect([...readFileSync("README.md", "utf8").matchAll(snippet)]).toHaveLength(1)
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
