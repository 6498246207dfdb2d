/** Programs that the benchmark starts, each in a process of its own, as plain JavaScript. */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { join } from "node:path"
import { createInterface } from "node:readline"
import type { Running } from "./servers/running.ts"

const source = import.meta.dirname
const target = join(source, "../../node_modules/.programs")

/** Without this the time in which Node reads TypeScript would count as the server's. */
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

/** The first line of JSON that a program prints. */
const firstJson = async (child: ChildProcess): Promise<unknown> => {
  if (child.stdout === null) throw new Error("no output to read")
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith("{")) return JSON.parse(line)
  }
  throw new Error(`${child.spawnargs.join(" ")} said nothing`)
}

const start = (program: string, args: readonly string[]): ChildProcess =>
  spawn(process.execPath, [join(target, `${program}.mjs`), ...args], { stdio: ["pipe", "pipe", "ignore"] })

/** Runs a program to its end; its result is the first line of JSON. */
export const runProgram = async <T>(program: string, ...args: readonly string[]): Promise<T> =>
  (await firstJson(start(program, args))) as T

/** A server until `stop`. */
export const startServer = async (server: string): Promise<Running & { readonly stop: () => void }> => {
  const [program = "", ...args] = server.split(" ")
  const child = start(`servers/${program}`, args)
  const running = (await firstJson(child)) as Running
  return { ...running, stop: () => child.kill() }
}
