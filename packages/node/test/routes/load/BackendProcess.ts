/** A process of the backend, to be killed and started again on the same port. */
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { rmSync } from "node:fs"
import { mkdtemp } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { bundleProgram } from "../../processes/bundleProgram.js"
import type { BackendMessage, BackendSetup } from "./backend.js"

export interface BackendProgram extends Disposable {
  readonly path: string
}

/** The program in one file: it starts in a tenth of a second. */
export const bundleBackend = async (): Promise<BackendProgram> => {
  const folder = await mkdtemp(join(tmpdir(), "ellipsis-oauth-"))
  const path = join(folder, "backend.cjs")
  await bundleProgram(new URL("./backend.ts", import.meta.url), path)
  return { path, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

export class BackendProcess implements AsyncDisposable {
  readonly #program: BackendProgram
  readonly #setup: BackendSetup
  #child: ChildProcess | undefined
  port = 0
  /** What would have ended it: has to stay empty. */
  readonly faults: string[] = []

  constructor(program: BackendProgram, setup: Omit<BackendSetup, "port">) {
    this.#program = program
    this.#setup = { ...setup, port: 0 }
  }

  async start(): Promise<void> {
    const setup = { ...this.#setup, port: this.port }
    const child = fork(this.#program.path, [JSON.stringify(setup)], { execArgv: [] })
    this.#child = child
    this.port = await new Promise<number>((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`the backend ended with ${code} before it listened`)))
      child.on("message", (message: BackendMessage) => {
        if ("port" in message) resolve(message.port)
        else this.faults.push(message.fault)
      })
    })
  }

  /** As the system's out-of-memory killer would: SIGKILL. */
  async kill(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined) return
    const exited = once(child, "exit")
    child.kill("SIGKILL")
    await exited
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill()
  }
}
