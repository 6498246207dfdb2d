/** What a server process prints for the process that started it: where to send which token requests. */

export interface Running {
  readonly url: string
  /** Form bodies of token requests. Each can be used once. */
  readonly logins: readonly string[]
  /** A form body that can be sent repeatedly. Left out if refresh tokens rotate. */
  readonly refresh?: string
}

export interface Ended {
  /** Microseconds of processor time since the server started to listen. Other work on the machine hardly changes it. */
  readonly processorTime: number
}

/** The process lives until its standard input ends, so that it ends with the benchmark. */
export const announce = (running: Running): void => {
  const before = process.cpuUsage()
  console.log(JSON.stringify(running))
  process.stdin.resume().on("end", () => {
    const { user, system } = process.cpuUsage(before)
    console.log(JSON.stringify({ processorTime: user + system } satisfies Ended))
    process.exit()
  })
}
