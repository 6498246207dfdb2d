/** No page promises anything about secrets without a test that fails where it is broken. `pnpm promises` breaks them. */
import { existsSync, readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { applyEdits } from "./promises/applyEdits.ts"
import { promises, sentences } from "./promises/promises.ts"

const rows = readFileSync("SECURITY.md", "utf8")
  .split("\n")
  .filter((line) => /^\| (?!promise \||attack \||---)/.test(line))
  .map((line) => line.slice(2).split(" | ")[0] ?? "")

test("each row of SECURITY.md has one entry, in its order", () => {
  expect(rows.length).toBeGreaterThan(30)
  expect(rows.map((row) => promises.filter((promise) => row.startsWith(promise.row)).length)).toEqual(
    rows.map(() => 1),
  )
  expect(promises.map((promise) => rows.findIndex((row) => row.startsWith(promise.row)))).toEqual([
    ...rows.keys(),
  ])
})

test.each(sentences)("$page says: $row", ({ page = "", row }) => {
  expect(readFileSync(page, "utf8").split(row)).toHaveLength(2)
})

describe.each([...promises, ...sentences])("$row", ({ breaks }) => {
  test("can be broken, and its tests are there", () => {
    expect(breaks.length).toBeGreaterThan(0)
    for (const { edits, file, test } of breaks) {
      expect(existsSync(file), file).toBe(true)
      expect(hasTitle(readFileSync(file, "utf8"), test), `${file} has no test "${test}"`).toBe(true)
      for (const [edited, text] of applyEdits(".", edits)) {
        expect(text).not.toBe(readFileSync(edited, "utf8"))
      }
    }
  })
})

/**
 * Whether a test file has a title, or the value of a table in a title. A title with placeholders such as `%s` has it if
 * the text around a placeholder does.
 */
const hasTitle = (text: string, title: string): boolean =>
  text.includes(title) ||
  [...text.matchAll(/"([^"\n]*%[sj][^"\n]*)"/g)].some(([, template = ""]) =>
    template.split(/%[sj]/).some((part) => {
      const at = title.indexOf(part.slice(0, 5))
      const rest = title.slice(at)
      return part.length >= 5 && at >= 0 && (part.startsWith(rest) || rest.startsWith(part))
    }),
  )

test("a title is found as it is, around a placeholder, and no longer after it was changed", () => {
  const file =
    'it("is read", () => {}); it.each(list)("a token response %s", () => {}); it("%j exits with 2", run)'
  for (const title of ["is read", "a token response of one byte more is not", '["login"] exits with 2']) {
    expect(hasTitle(file, title)).toBe(true)
  }
  for (const title of ["is not read", "a response of one byte", "exits with 3"]) {
    expect(hasTitle(file, title)).toBe(false)
  }
})

describe("an edit", () => {
  const file = "test/promises/promises.ts"

  test("is found whatever white space the formatter has put in", () => {
    const [[, text] = []] = applyEdits(".", [{ file, from: "export   interface\nPromiseRow{", to: "HERE" }])
    expect(text).toContain("HERE\n")
    expect(text).not.toContain("interface PromiseRow")
  })

  test("that finds no place, or two, fails", () => {
    expect(() => applyEdits(".", [{ file, from: "no such text here".toUpperCase(), to: "" }])).toThrow(
      "has no",
    )
    expect(() => applyEdits(".", [{ file, from: "readonly", to: "" }])).toThrow("more than once")
  })
})
