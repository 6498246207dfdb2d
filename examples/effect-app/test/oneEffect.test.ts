// Two copies of Effect do not know each other's services and errors: the app, core and node load the same one.
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"

const require = createRequire(import.meta.url)
const effectOf = (folder: string) =>
  createRequire(fileURLToPath(new URL(`../../../${folder}/package.json`, import.meta.url))).resolve(
    "effect/Effect",
  )

test("effect is there once", () => {
  const own = require.resolve("effect/Effect")
  expect(["packages/core", "packages/node", "packages/react"].map(effectOf)).toEqual([own, own, own])
})
