import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { afterAll, expect, it } from "vitest"
import { buildCommand } from "./buildCommand.js"

const command = await buildCommand()
afterAll(() => command[Symbol.dispose]())

const scriptOf = async (shell: string): Promise<string> => {
  const { code, stdout, stderr } = await command.user().run(["completion", shell])
  expect([code, stderr]).toEqual([0, ""])
  return stdout
}

/** The completions that Bash offers for the last of these words. */
const complete = (script: string, ...words: readonly string[]): readonly string[] => {
  const program = `${script}
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_ellipsis_oauth
printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr } = spawnSync("bash", ["-c", program, "bash", "ellipsis-oauth", ...words], {
    encoding: "utf8",
    cwd: import.meta.dirname,
  })
  expect(stderr).toBe("")
  return stdout.split("\n").filter((line) => line !== "")
}

it("completes commands, their flags, shells and files in Bash", async () => {
  const script = await scriptOf("bash")
  expect(complete(script, "")).toContain("token")
  expect(complete(script, "lo")).toEqual(["login", "logout"])
  expect(complete(script, "token", "--")).toEqual([
    "--profile",
    "--encryption-key-file",
    "--force",
    "--json",
    "--help",
  ])
  expect(complete(script, "completion", "")).toEqual(["bash", "zsh", "fish", "--help"])
  expect(complete(script, "import", "--refresh-token-file", "buildC")).toEqual(["buildCommand.ts"])
})

it.each(["zsh", "fish"])("knows every command and flag in %s", async (shell) => {
  const script = await scriptOf(shell)
  const source = readFileSync(new URL("../src/flags.ts", import.meta.url), "utf8")
  const flags = [...source.matchAll(/^ {2}"?([a-z-]+)"?: \{$/gm)].map(([, name]) => name)
  expect(flags).toContain("refresh-token-file")
  for (const flag of flags) {
    expect(script).toContain(shell === "zsh" ? `'--${flag}[` : ` -l ${flag} `)
  }
  // If the shell is installed, it parses the script.
  const { error, stderr } = spawnSync(shell, ["-n"], { input: script, encoding: "utf8" })
  expect(error === undefined ? stderr : "").toBe("")
})
