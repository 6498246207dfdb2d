/** The command as users run it: bundled, in its own process, with its own folders. */
import {
  type ChildProcessWithoutNullStreams,
  type SpawnOptionsWithoutStdio,
  spawn,
  spawnSync,
} from "node:child_process"
import { once } from "node:events"
import { chmodSync, chownSync, cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "tsup"
import { command } from "../tsup.config.js"

const packageFolder = fileURLToPath(new URL("../", import.meta.url))

/** The environment variables that the command reads, apart from those that a test sets. */
const { PATH = "", TERM = "xterm" } = process.env

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Started {
  readonly child: ChildProcessWithoutNullStreams
  /** Fulfilled with the first match in standard error. */
  readonly said: (pattern: RegExp) => Promise<RegExpExecArray>
  readonly ended: Promise<Ended>
}

export type BuiltCommand = Awaited<ReturnType<typeof buildCommand>>

/** The id of a user that does not exist on any machine. */
const stranger = { uid: 54_321, gid: 54_321 }

/** From the sources, as `pnpm build` does from the built packages. */
export const buildCommand = async () => {
  const folder = mkdtempSync(join(tmpdir(), "ellipsis-oauth-command-"))
  // For the user of a container.
  chmodSync(folder, 0o755)
  cpSync(join(packageFolder, "package.json"), join(folder, "package.json"))
  symlinkSync(join(packageFolder, "node_modules"), join(folder, "node_modules"))
  await build({
    ...command,
    entry: Object.fromEntries(
      Object.entries(command.entry as Record<string, string>).map(([name, file]) => [
        name,
        join(packageFolder, file),
      ]),
    ),
    outDir: join(folder, "dist"),
    config: false,
    silent: true,
    esbuildOptions: (options) => {
      options.conditions = ["@ellipsis-oauth/source"]
    },
  })
  const program = join(folder, "dist/ellipsis-oauth.js")

  const startProcess = (args: readonly string[], options: SpawnOptionsWithoutStdio): Started => {
    const child = spawn(process.execPath, [program, ...args], options)
    let stdout = ""
    let stderr = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text
    })
    child.stdin.on("error", () => {})
    const ended = once(child, "close").then(([code]) => ({ code, stdout, stderr }))
    const said = async (pattern: RegExp) => {
      for (;;) {
        const match = pattern.exec(stderr)
        if (match !== null) return match
        if (child.exitCode !== null) throw new Error(`The command has ended: ${stderr}`)
        await Promise.race([once(child.stderr, "data"), ended])
      }
    }
    return { child, said, ended }
  }

  const runToEnd = ({ child, ended }: Started, input = ""): Promise<Ended> => {
    child.stdin.end(input)
    return ended
  }

  /** Only root can become another user, who must then be able to read Node.js and this repository. */
  const canBeStranger =
    process.getuid?.() === 0 &&
    spawnSync(process.execPath, ["--input-type=module", "--eval", 'import "undici"'], {
      cwd: folder,
      env: {},
      ...stranger,
    }).status === 0

  /** A person's own folders and variables. */
  const user = (variables: Readonly<Record<string, string>> = {}) => {
    const home = mkdtempSync(join(folder, "home-"))
    const env = { PATH, TERM, HOME: home, ...variables }
    const start = (args: readonly string[], more: Readonly<Record<string, string>> = {}): Started =>
      startProcess(args, { cwd: home, env: { ...env, ...more } })
    return {
      home,
      env,
      config: join(home, ".config/ellipsis-oauth"),
      data: join(home, ".local/share/ellipsis-oauth"),
      start,
      /** Runs to its end, with nothing to read. */
      run: (args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ended> =>
        runToEnd(start(args, more)),
    }
  }

  /**
   * A container: no terminal, no `HOME`, and a user without an entry in the list of users. If the test cannot become
   * that user, it uses an empty `HOME`, which has the same effect.
   */
  const container = (variables: Readonly<Record<string, string>> = {}) => {
    const volume = mkdtempSync(join(folder, "volume-"))
    if (canBeStranger) chownSync(volume, stranger.uid, stranger.gid)
    const identity = canBeStranger ? stranger : {}
    const base = canBeStranger ? {} : { HOME: "" }
    return {
      volume,
      /** Runs to its end, with standard input as given. */
      run: (
        args: readonly string[],
        more: Readonly<Record<string, string>> = {},
        input?: string,
      ): Promise<Ended> =>
        runToEnd(
          startProcess(args, { cwd: "/", env: { ...base, ...variables, ...more }, ...identity }),
          input,
        ),
    }
  }

  return {
    program,
    user,
    container,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

export type User = ReturnType<BuiltCommand["user"]>
