/** A terminal with a shell, in tmux, to type text and read the screen. */
import { execFile, spawnSync } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { expect, onTestFinished, vi } from "vitest"
import type { User } from "./buildCommand.js"

/** If tmux is missing, the terminal tests are skipped with a message; in CI they fail. */
export const hasTmux = (): boolean => {
  if (spawnSync("tmux", ["-V"]).status === 0) return true
  const line = "Skipped: the tests of the command in a terminal. To run them: install tmux."
  if (process.env["CI"] === "true") throw new Error(line)
  console.warn(line)
  return false
}

export class Terminal {
  readonly #socket: string
  readonly #env: NodeJS.ProcessEnv

  private constructor(socket: string, env: NodeJS.ProcessEnv) {
    this.#socket = socket
    this.#env = env
  }

  /** Bash, with the command in its path. Closed after the test. */
  static async open(
    user: User,
    program: string,
    variables: Readonly<Record<string, string>>,
  ): Promise<Terminal> {
    const bin = join(user.home, "bin")
    mkdirSync(bin)
    const script = `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`
    writeFileSync(join(bin, "ellipsis-oauth"), script, { mode: 0o755 })
    const path = `${bin}:${user.env.PATH}`
    const terminal = new Terminal(join(user.home, "tmux"), {
      ...user.env,
      ...variables,
      PATH: path,
      PS1: "$ ",
    })
    onTestFinished(async () => {
      await terminal.#tmux("kill-server").catch(() => {})
    })
    const shell = ["bash", "--noprofile", "--norc"]
    await terminal.#tmux(
      "-f",
      "/dev/null",
      "new-session",
      "-d",
      "-x",
      "120",
      "-y",
      "50",
      "-c",
      user.home,
      ...shell,
    )
    await terminal.shows(/^\$ $/m)
    return terminal
  }

  /** Types a line. */
  async type(line: string): Promise<void> {
    await this.#tmux("send-keys", "-l", line)
    await this.press("Enter")
  }

  async press(key: string): Promise<void> {
    await this.#tmux("send-keys", key)
  }

  async clear(): Promise<void> {
    await this.type("clear")
    await this.shows(/^\$\s*$/)
  }

  /** Starts a command on an empty screen, which will show its exit code. */
  async begin(line: string): Promise<void> {
    await this.clear()
    await this.type(`${line}; printf '\\nended with %d\\n' $?`)
  }

  async ends(code: number): Promise<void> {
    const [, found] = await this.shows(/^ended with (\d+)$/m)
    expect(Number(found), await this.screen()).toBe(code)
  }

  /** Runs a command to its end, and returns the screen. */
  async run(line: string, code = 0): Promise<string> {
    await this.begin(line)
    await this.ends(code)
    return this.screen()
  }

  async screen(): Promise<string> {
    const { stdout } = await this.#tmux("capture-pane", "-p", "-J", "-S", "-")
    return stdout.trimEnd().replace(/^(.*?) +$/gm, "$1")
  }

  /** Fulfilled when the screen does. */
  async shows(pattern: RegExp): Promise<RegExpExecArray> {
    return vi.waitFor(
      async () => {
        const { stdout } = await this.#tmux("capture-pane", "-p", "-J", "-S", "-")
        const match = pattern.exec(stdout)
        expect(match, stdout).not.toBeNull()
        return match as RegExpExecArray
      },
      { timeout: 30_000, interval: 50 },
    )
  }

  #tmux(...args: readonly string[]) {
    return promisify(execFile)("tmux", ["-S", this.#socket, ...args], { env: this.#env })
  }
}
