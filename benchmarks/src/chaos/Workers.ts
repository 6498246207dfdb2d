/** The worker processes of a run: started, killed and replaced. */
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { monotonic } from "./monotonic.ts"
import type { CallerError, Counts, WorkerMessage, WorkerSetup } from "./protocol.ts"

export interface WorkersOptions {
  readonly program: string
  readonly setup: Omit<WorkerSetup, "worker" | "seed">
  readonly seed: number
  readonly onError: (error: CallerError) => void
}

/** A process that was stopped and went on. Times are milliseconds of the monotonic clock. */
export interface Stop {
  readonly worker: string
  readonly from: number
  /** Infinity while it lasts. */
  to: number
}

export class Workers {
  readonly #options: WorkersOptions
  readonly #running = new Map<string, ChildProcess>()
  /** One for each process: settled when it has ended and its last message was read. */
  readonly #ends: Promise<unknown>[] = []
  #started = 0
  readonly kills = new Map<string, number>()
  readonly stops: Stop[] = []
  /** What would have ended a process: has to stay empty. */
  readonly faults: string[] = []
  tokens = 0
  aborted = 0
  longest = 0

  constructor(options: WorkersOptions) {
    this.#options = options
  }

  /** Resolves when it has opened its store. */
  async start(): Promise<void> {
    const { program, setup, seed, onError } = this.#options
    const number = ++this.#started
    const worker = `worker-${number}`
    const given: WorkerSetup = { ...setup, worker, seed: seed + number }
    const child = fork(program, [JSON.stringify(given)], { execArgv: [] })
    this.#running.set(worker, child)
    this.#ends.push(Promise.all([once(child, "exit"), once(child, "disconnect")]))
    const ready = new Promise<void>((resolve) => {
      child.on("message", (message: WorkerMessage) => {
        switch (message.type) {
          case "ready":
            return resolve()
          case "counts":
            return this.#count(message)
          case "error":
            return onError(message)
          case "fault":
            this.faults.push(`${worker}: ${message.fault}`)
        }
      })
      child.on("exit", (code, signal) => {
        this.#running.delete(worker)
        if (code !== 0 && signal !== "SIGKILL") this.faults.push(`${worker} ended with ${code ?? signal}`)
        resolve()
      })
    })
    await ready
  }

  #count({ tokens, aborted, longest }: Counts): void {
    this.tokens += tokens
    this.aborted += aborted
    this.longest = Math.max(this.longest, longest)
  }

  /** @param chosen from 0 to 1 */
  kill(chosen: number): void {
    const running = [...this.#running]
    const found = running[Math.floor(chosen * running.length)]
    if (found !== undefined) this.#kill(...found)
  }

  /** SIGSTOP, and SIGCONT later. @param chosen from 0 to 1 @param duration milliseconds */
  stop(chosen: number, duration: number): void {
    const running = [...this.#running]
    const [worker, child] = running[Math.floor(chosen * running.length)] ?? []
    if (worker === undefined || child === undefined) return
    const stop: Stop = { worker, from: monotonic(), to: Number.POSITIVE_INFINITY }
    this.stops.push(stop)
    child.kill("SIGSTOP")
    setTimeout(() => {
      child.kill("SIGCONT")
      stop.to = monotonic()
    }, duration)
  }

  #kill(worker: string, child: ChildProcess): void {
    child.kill("SIGKILL")
    this.kills.set(worker, monotonic())
  }

  async killAll(): Promise<void> {
    for (const found of [...this.#running]) this.#kill(...found)
    await this.ended()
  }

  /** Resolves when every process has ended, and all that they told was heard. */
  async ended(): Promise<void> {
    await Promise.all(this.#ends)
  }
}
