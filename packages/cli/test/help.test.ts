import { describe, expect, it } from "vitest"
import { commandNames, type Flag, flags } from "../src/flags.js"
import { help } from "../src/help.js"

/** Lines that must not be wrapped: a command to copy, a URL, the name of a variable. */
const isWhole = (line: string) =>
  /^ {2,4}(ellipsis-oauth|curl|export|https|source)\b/.test(line) || !line.trim().includes(" ")

it.each([40, 60, 80])("fits a terminal of %d columns, words and all", (columns) => {
  const text = help(columns)
  expect(text.split("\n").filter((line) => line.length > columns && !isWhole(line))).toEqual([])
  expect(text.split(/\s+/).sort()).toEqual(help().split(/\s+/).sort())
})

describe.each(commandNames)("%s", (command) => {
  it("has a help of its own, with its flags and no others", () => {
    const shown = [...help(undefined, command).matchAll(/^ {2}--([\w-]+)/gm)].map(([, name]) => name)
    const own = Object.entries<Flag>(flags).filter(([, { commands }]) => commands.includes(command))
    expect(shown).toEqual(own.map(([name]) => name))
  })

  it.each([40, 60, 80])("fits a terminal of %d columns", (columns) => {
    const text = help(columns, command)
    expect(text.split("\n").filter((line) => line.length > columns && !isWhole(line))).toEqual([])
    expect(text.split(/\s+/).sort()).toEqual(help(undefined, command).split(/\s+/).sort())
  })
})

it("has a maximum width, also for a terminal of unknown width", () => {
  expect(help(200)).toBe(help())
  expect(
    Math.max(
      ...help()
        .split("\n")
        .map(({ length }) => length),
    ),
  ).toBeLessThanOrEqual(90)
})
