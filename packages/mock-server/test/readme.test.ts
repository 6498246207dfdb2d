import { readFileSync } from "node:fs"
import { expect, it } from "vitest"

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8")

it("the README shows the example that the tests run", () => {
  const [, path = "", code] = /<!-- (\S+) -->\n\n```typescript\n([\s\S]*?)```/.exec(read("README.md")) ?? []
  expect(path).toBe("test/example.test.ts")
  expect(read(path)).toBe(code)
})
