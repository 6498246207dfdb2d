import { spawn } from "node:child_process"

const started = performance.now()

/** Runs a command to its end: a line if it passed, everything that it printed if it failed. */
export const part = (name: string, command: string, args: readonly string[], cwd = ".") =>
  new Promise<boolean>((resolve) => {
    const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] })
    const output: Buffer[] = []
    child.stdout.on("data", (chunk) => output.push(chunk))
    child.stderr.on("data", (chunk) => output.push(chunk))
    child.on("error", (error) => output.push(Buffer.from(String(error))))
    child.on("close", (code) => {
      const passed = code === 0
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      console.log(`${passed ? "passed" : "FAILED"}  ${name} (after ${seconds} s)`)
      if (!passed) console.log(Buffer.concat(output).toString())
      resolve(passed)
    })
  })

/** Fails the process unless every part passed. */
export const report = (results: readonly boolean[]) => {
  process.exitCode = results.every(Boolean) ? 0 : 1
}
