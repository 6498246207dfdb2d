/** Programs of this package, each in a process of its own, which tell what they found in lines of JSON. */
import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

export interface ProgramOptions {
  readonly args?: readonly string[]
  /** For Node.js itself. */
  readonly nodeOptions?: readonly string[]
}

const start = (program: URL, { args = [], nodeOptions = [] }: ProgramOptions) =>
  spawn(process.execPath, [...nodeOptions, fileURLToPath(program), ...args], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, NODE_NO_WARNINGS: "1" },
  })

/** The lines of JSON that a program prints. */
async function* jsonLines<T>(child: ChildProcess): AsyncGenerator<T, undefined> {
  if (child.stdout === null) throw new Error("no output to read")
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith("{")) yield JSON.parse(line)
  }
}

/** @returns its lines, in their order */
export const runProgram = async <T>(program: URL, options: ProgramOptions = {}): Promise<readonly T[]> => {
  const child = start(program, options)
  const exited = new Promise<number | null>((resolve) => child.on("exit", resolve))
  const lines: T[] = []
  for await (const line of jsonLines<T>(child)) lines.push(line)
  const code = await exited
  if (code !== 0) throw new Error(`${program.pathname} ${(options.args ?? []).join(" ")} ended with ${code}`)
  return lines
}

/** What a program tells when it has been stopped. */
export interface RunningProgram<First> extends AsyncDisposable {
  /** Its first line. */
  readonly told: First
}

/** A program that runs until its standard input ends. */
export const startProgram = async <First>(
  program: URL,
  options: ProgramOptions = {},
): Promise<RunningProgram<First>> => {
  const child = start(program, options)
  const { value } = await jsonLines<First>(child).next()
  if (value === undefined) throw new Error(`${program.pathname} said nothing`)
  return {
    told: value,
    [Symbol.asyncDispose]: async () => {
      const exited = new Promise((resolve) => child.on("exit", resolve))
      child.stdin.end()
      await exited
    },
  }
}
