/** The log: one entry for each request, with the decision and its reason in plain words. */

/** `path`: everything below `/path/`, such as tiles. */
export type Endpoint = "authorize" | "token" | "account" | "path"

/** What the server decided, and why. */
export interface Facts {
  /** Parameters that were read: the query of an authorization or map request, the body of a token request. Long values are cut. */
  readonly parameters: Readonly<Record<string, string>>
  /** The query of a request whose parameters belong in the body. */
  readonly query?: Readonly<Record<string, string>> | undefined
  readonly clientId?: string | undefined
  readonly clientAuthentication?: "none" | "body" | "basic" | "body and basic" | undefined
  readonly grantType?: string | undefined
  /** Of the token family that the request used or started. */
  readonly familyId?: string | undefined
  /**
   * `granted`: tokens, or a code, were issued. `served`: a page, a preflight, the account.
   * `refused`: see `error` and `reason`. `skipped`: a fault took the place of the response; the provider did not process the request.
   */
  readonly decision: "granted" | "served" | "refused" | "skipped"
  /** In plain words; never a secret. */
  readonly reason: string
  /** The OAuth error code, also where another error format was sent. */
  readonly error?: string | undefined
  /** The parameter or header at fault, what it should have been and what it was. */
  readonly field?: string | undefined
  readonly expected?: string | undefined
  readonly got?: string | undefined
  /** At a refresh: how long the newest access token of the family was still valid, in milliseconds. */
  readonly accessTokenLeft?: number | undefined
}

/** One request, what was decided, and why. */
export interface LogEntry extends Facts {
  /** From 1, without gaps. */
  readonly number: number
  /** Epoch milliseconds of the server's clock. */
  readonly time: number
  /** `other`: a path without an endpoint. */
  readonly endpoint: Endpoint | "other"
  /** `direct` when a test called `authorize(...)`. */
  readonly method: string
  /** Without the query. */
  readonly path: string
  /** The HTTP status that was sent; 0 if no response was sent. */
  readonly status: number
  /** `Retry-After` of the HTTP response, as it was sent. */
  readonly retryAfter?: string | undefined
  /** What a fault did to this request, in plain words. */
  readonly fault?: string | undefined
}

export interface Log {
  readonly entries: readonly LogEntry[]
  /** The number that the next entry gets. */
  readonly nextNumber: number
  add(entry: Omit<LogEntry, "number">): LogEntry
  subscribe(listener: (entry: LogEntry) => void): () => void
  clear(): void
}

/** Keeps the newest `size` entries, and for speed up to a quarter more. */
export const createLog = (size: number): Log => {
  const entries: LogEntry[] = []
  const listeners = new Set<(entry: LogEntry) => void>()
  let nextNumber = 1
  return {
    entries,
    get nextNumber() {
      return nextNumber
    },
    add: (facts) => {
      const entry: LogEntry = { number: nextNumber, ...facts }
      nextNumber += 1
      entries.push(entry)
      if (entries.length > size * 1.25) entries.splice(0, entries.length - size)
      for (const listener of listeners) listener(entry)
      return entry
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    clear: () => {
      entries.length = 0
      nextNumber = 1
    },
  }
}
