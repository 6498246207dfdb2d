/** What a server process tells the one that started it: where to send which request for a token. */

export interface Running {
  readonly url: string
  /** Grants as forms: each is a request for a token, and may be used up by it. */
  readonly logins: readonly string[]
  /** The same, of a kind that can be sent again and again; after a login, where a server needs one. */
  readonly refresh?: string
}

/** The process lives until its standard input ends, so that none survives the benchmark. */
export const announce = (running: Running): void => {
  console.log(JSON.stringify(running))
  process.stdin.on("end", () => process.exit()).resume()
}
