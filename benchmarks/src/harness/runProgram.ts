/** A program of this package in a process of its own, which says what it found in lines of JSON. */
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

export interface RunOptions {
  readonly args?: readonly string[]
  /** For Node.js itself. */
  readonly nodeOptions?: readonly string[]
}

/** Reads TypeScript, and the packages' sources. */
const fromSource = ["--import", "tsx", "--conditions=@ellipsis-oauth/source"]

/** @returns its lines, in their order */
export const runProgram = async <T>(program: URL, options: RunOptions = {}): Promise<readonly T[]> => {
  const { args = [], nodeOptions = fromSource } = options
  const child = spawn(process.execPath, [...nodeOptions, fileURLToPath(program), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_NO_WARNINGS: "1" },
  })
  const exited = new Promise<number | null>((resolve) => child.on("exit", resolve))
  const lines: T[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith("{")) lines.push(JSON.parse(line))
  }
  const code = await exited
  if (code !== 0) throw new Error(`${program.pathname} ${args.join(" ")} ended with ${code}`)
  return lines
}
