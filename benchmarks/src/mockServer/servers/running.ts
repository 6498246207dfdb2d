/** What a server process tells the one that started it: where to send which request for a token. */

export interface Running {
  readonly url: string
  /** Grants as forms: each is a request for a token, and may be used up by it. */
  readonly logins: readonly string[]
  /** The same, of a kind that can be sent again and again; after a login, where a server needs one. */
  readonly refresh?: string
}

export interface Ended {
  /** Microseconds of processor time since the announcement, which other work on the machine hardly changes. */
  readonly processorTime: number
}

/** The process lives until its standard input ends, so that none survives the benchmark. */
export const announce = (running: Running): void => {
  const before = process.cpuUsage()
  console.log(JSON.stringify(running))
  process.stdin.resume().on("end", () => {
    const { user, system } = process.cpuUsage(before)
    console.log(JSON.stringify({ processorTime: user + system } satisfies Ended))
    process.exit()
  })
}
