// A pure step's `Result` becomes an effect by `Effect.fromResult`, and its errors are made by `Result.fail`. Effect 4.1
// does not run a `Result` that is yielded in `Effect.gen`, and `Result.gen` takes an error that is yielded for a success.
import { globSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import { expect, test } from "vitest"
import { LoginRequired } from "../../src/index.js"

const sources = globSync(fileURLToPath(new URL("../../src/**/*.ts", import.meta.url)))

test("core has no Result.gen", () => {
  expect(sources.length).toBeGreaterThan(50)
  expect(sources.filter((file) => /\bResult\s*\.\s*gen\b/.test(readFileSync(file, "utf8")))).toEqual([])
})

const error = new LoginRequired({ reason: "noToken", key: "ada" })
const step: Result.Result<string, LoginRequired> = Result.fail(error)

test("Effect.fromResult makes a Result's error a typed failure", () => {
  expect(Effect.runSync(Effect.flip(Effect.fromResult(step)))).toBe(error)
})

test("a Result that is yielded is a defect, which the compiler refuses", () => {
  // @ts-expect-error A Result is no Effect.
  const program = Effect.gen(function* () {
    return yield* step
  })
  const exit = Effect.runSyncExit(program as Effect.Effect<string, LoginRequired>)
  expect(Exit.isFailure(exit) && Cause.hasDies(exit.cause) && !Cause.hasFails(exit.cause)).toBe(true)
})
