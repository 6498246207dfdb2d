/** A process of its own, with a client on a store that others have too. */
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, onTestFinished } from "vitest"
import { bundleProgram } from "./bundleProgram.js"
import type { Presentations } from "./presentations.js"
import type { Call, Command, Message, Outcome, Point, Setup } from "./protocol.js"

let program = ""

/** Puts what the processes run into one file, once for all tests of a file: it starts in a tenth of a second. */
export const bundleWorker = (): void => {
  const folder = mkdtempSync(join(tmpdir(), "ellipsis-oauth-"))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  beforeAll(async () => {
    program = join(folder, "worker.cjs")
    await bundleProgram(new URL("./program.ts", import.meta.url), program)
  })
}

interface WorkerEvent {
  readonly event: string
  readonly attempts: number | undefined
}

export class Worker {
  readonly #child: ChildProcess
  readonly #listeners = new Set<(message: Message) => void>()
  readonly name: string
  readonly events: WorkerEvent[] = []
  /** The tokens that its loop got, oldest first. */
  readonly tokens: string[] = []
  /** What would have ended it: has to stay empty. */
  readonly faults: string[] = []
  #printed = ""

  private constructor(child: ChildProcess, presentations: Presentations) {
    this.#child = child
    this.name = String(child.pid)
    child.stderr?.on("data", (chunk) => {
      this.#printed += chunk
    })
    child.on("exit", () => presentations.end(this.name))
    child.on("message", (message: Message) => {
      if (message.type === "event") this.events.push(message)
      if (message.type === "token") this.tokens.push(message.token)
      if (message.type === "fault") this.faults.push(message.fault)
      if (message.type === "presentation") presentations.add(this.name, message.presentation)
      for (const listener of [...this.#listeners]) listener(message)
    })
  }

  /** Resolves when it has opened its store. Killed after the test, if it still runs. */
  static async start(setup: Setup, presentations: Presentations): Promise<Worker> {
    const child = fork(program, [JSON.stringify(setup)], {
      execArgv: [],
      // JSON has no Infinity.
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    })
    onTestFinished(() => void child.kill("SIGKILL"))
    const worker = new Worker(child, presentations)
    await worker.#next("ready")
    return worker
  }

  async call(call: Call): Promise<readonly Outcome[]> {
    const done = this.#next("outcomes")
    this.#send({ type: "call", ...call })
    return (await done).outcomes
  }

  loop(call: Pick<Call, "key" | "offset">): void {
    this.#send({ type: "loop", ...call })
  }

  /** Fulfilled when the store's next call of this kind, after `skip` others, is held. */
  async hold(point: Point, skip = 0): Promise<void> {
    const held = this.#next("held")
    this.#send({ type: "hold", point, skip })
    await held
  }

  letGo(): void {
    this.#send({ type: "letGo" })
  }

  /** Resolves when its event loop has come to a standstill, for so many milliseconds. */
  async block(duration: number): Promise<void> {
    const blocking = this.#next("blocking")
    this.#send({ type: "block", duration })
    await blocking
  }

  pause(): void {
    this.#child.kill("SIGSTOP")
  }

  resume(): void {
    this.#child.kill("SIGCONT")
  }

  async kill(): Promise<void> {
    const exited = once(this.#child, "exit")
    this.#child.kill("SIGKILL")
    await exited
  }

  /** Ends it as a program ends. @returns its exit code */
  async end(): Promise<number> {
    const exited = once(this.#child, "exit")
    this.#send({ type: "end" })
    const [code] = await exited
    return code
  }

  #send(command: Command): void {
    this.#child.send(command)
  }

  #next<Type extends Message["type"]>(type: Type): Promise<Extract<Message, { type: Type }>> {
    return new Promise((resolve, reject) => {
      const onExit = () => reject(new Error(`the process ended before it was "${type}": ${this.#printed}`))
      const onMessage = (message: Message) => {
        if (!isOfType(message, type)) return
        this.#listeners.delete(onMessage)
        this.#child.off("exit", onExit)
        resolve(message)
      }
      this.#listeners.add(onMessage)
      this.#child.once("exit", onExit)
    })
  }
}

const isOfType = <Type extends Message["type"]>(
  message: Message,
  type: Type,
): message is Extract<Message, { type: Type }> => message.type === type
