/** The command as its users have it: the bundle, in a process of its own. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { once } from "node:events"
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "tsup"
import { command } from "../tsup.config.js"

const packageFolder = fileURLToPath(new URL("../", import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunningCommand extends AsyncDisposable {
  readonly url: string
  /** Everything that it has printed so far. */
  readonly stdout: () => string
  readonly stderr: () => string
  /** Fulfilled when that is somewhere in standard output. */
  printed(text: string | RegExp): Promise<void>
  end(signal: NodeJS.Signals): Promise<Ended>
  /** Reads no more of its output, as `head` does. */
  closeOutput(): Promise<Ended>
}

interface Process {
  readonly child: ChildProcessWithoutNullStreams
  readonly stdout: () => string
  readonly stderr: () => string
  readonly ended: Promise<Ended>
}

/** Bundles the command as it is published; `folder` is for the files that a test gives to it. */
export const buildCommand = async () => {
  const folder = mkdtempSync(join(tmpdir(), "ellipsis-oauth-mock-"))
  cpSync(join(packageFolder, "package.json"), join(folder, "package.json"))
  const entry = { "ellipsis-oauth-mock": join(packageFolder, "src/command.ts") }
  await build({ ...command, entry, config: false, outDir: join(folder, "dist"), silent: true })

  const begin = (args: readonly string[]): Process => {
    const child = spawn(process.execPath, ["dist/ellipsis-oauth-mock.js", ...args], {
      cwd: folder,
      env: { ...process.env, NO_COLOR: "1" },
    })
    let stdout = ""
    let stderr = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text
    })
    const ended = once(child, "close").then(([code]) => ({ code, stdout, stderr }))
    return { child, stdout: () => stdout, stderr: () => stderr, ended }
  }

  const printed = async ({ child, stdout, stderr, ended }: Process, text: string | RegExp): Promise<void> => {
    const has = () => (typeof text === "string" ? stdout().includes(text) : text.test(stdout()))
    while (!has()) {
      if (child.exitCode !== null) throw new Error(`The command has ended: ${stderr()}`)
      await Promise.race([once(child.stdout, "data"), ended])
    }
  }

  return {
    folder,
    write: (name: string, text: string) => writeFileSync(join(folder, name), text),
    /** Runs to its end. */
    run: (...args: readonly string[]): Promise<Ended> => begin(args).ended,
    /** Runs on a free port until it is disposed of. */
    start: async (...args: readonly string[]): Promise<RunningCommand> => {
      const running = begin(["--port", "0", ...args])
      await printed(running, /https?:\/\/\S+\/v3/)
      const { child, stdout, stderr, ended } = running
      const end = (signal: NodeJS.Signals) => {
        child.kill(signal)
        return ended
      }
      return {
        url: /https?:\/\/[^\s"]+\/v3/.exec(stdout())?.[0] ?? "",
        stdout,
        stderr,
        printed: (text) => printed(running, text),
        end,
        closeOutput: () => {
          child.stdout.destroy()
          return ended
        },
        [Symbol.asyncDispose]: async () => {
          await end("SIGKILL")
        },
      }
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  }
}
