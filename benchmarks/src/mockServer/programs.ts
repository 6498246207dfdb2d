/** The programs that the benchmark starts, each in its own process, as plain JavaScript. */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { join } from "node:path"
import { createInterface } from "node:readline"
import type { Ended, Running } from "./servers/running.ts"

const source = import.meta.dirname
const target = join(source, "../../node_modules/.programs")

/** Otherwise the time in which Node.js strips the types would count as the server's. */
export const buildPrograms = (): void => {
  rmSync(target, { recursive: true, force: true })
  for (const folder of [".", "servers"]) {
    mkdirSync(join(target, folder), { recursive: true })
    for (const name of readdirSync(join(source, folder)).filter((file) => file.endsWith(".ts"))) {
      const code = stripTypeScriptTypes(readFileSync(join(source, folder, name), "utf8"))
      const imports = code.replaceAll(/(?<=from "\.[^"]*)\.ts(?=")/g, ".mjs")
      writeFileSync(join(target, folder, name.replace(/ts$/, "mjs")), imports)
    }
  }
}

/** The lines of JSON that a program prints. */
async function* jsonLines(child: ChildProcess): AsyncGenerator<unknown, undefined> {
  if (child.stdout === null) throw new Error("no output to read")
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith("{")) yield JSON.parse(line)
  }
}

const next = async <T>(child: ChildProcess, lines: ReturnType<typeof jsonLines>): Promise<T> => {
  const { value } = await lines.next()
  if (value === undefined) throw new Error(`${child.spawnargs.join(" ")} printed no JSON`)
  return value as T
}

const start = (program: string, args: readonly string[]): ChildProcess =>
  spawn(process.execPath, [join(target, `${program}.mjs`), ...args], { stdio: ["pipe", "pipe", "ignore"] })

/** Runs a program to its end; its result is the first line of JSON. */
export const runProgram = async <T>(program: string, ...args: readonly string[]): Promise<T> => {
  const child = start(program, args)
  return next(child, jsonLines(child))
}

/** Starts a server, which runs until `stop`. */
export const startServer = async (
  server: string,
): Promise<Running & { readonly stop: () => Promise<Ended> }> => {
  const [program = "", ...args] = server.split(" ")
  const child = start(`servers/${program}`, args)
  const lines = jsonLines(child)
  const running = await next<Running>(child, lines)
  return {
    ...running,
    stop: () => {
      child.stdin?.end()
      return next(child, lines)
    },
  }
}
