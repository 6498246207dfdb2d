/** Who presented which refresh token when, over all processes of a test, and what the server told them. */
import type { Fetch, FetchInit } from "../../src/index.js"

export interface Presentation {
  /** The code or refresh token that was sent. */
  readonly grant: string
  /** Milliseconds of the machine's monotonic clock, which is the same one in every process. */
  readonly startedAt: number
  endedAt: number
  /** The refresh token of the response. */
  told: string | undefined
}

export const monotonic = (): number => Number(process.hrtime.bigint()) / 1_000_000

/** A `fetch` that keeps a record of what it sends, told at the start and again at the end. */
export const watchedFetch =
  (tell: (presentation: Presentation) => void): Fetch =>
  async (url, init) => {
    // Calls of an API go the same way.
    const { body: sent }: { readonly body?: unknown } = init
    if (typeof sent !== "string") return fetch(url, init)
    const presentation: Presentation = {
      grant: grantOf(init),
      startedAt: monotonic(),
      endedAt: Number.POSITIVE_INFINITY,
      told: undefined,
    }
    tell(presentation)
    try {
      const response = await fetch(url, init)
      const body = await response.text()
      presentation.told = refreshTokenOf(body)
      return new Response(body, { status: response.status, headers: response.headers })
    } finally {
      presentation.endedAt = monotonic()
      tell(presentation)
    }
  }

const grantOf = ({ body }: FetchInit): string => {
  const parameters = body.startsWith("{") ? JSON.parse(body) : Object.fromEntries(new URLSearchParams(body))
  return parameters.refresh_token ?? parameters.authorization_code
}

const refreshTokenOf = (body: string): string | undefined => {
  try {
    return JSON.parse(body).refresh_token
  } catch {
    return undefined
  }
}

export class Presentations {
  readonly #all = new Map<string, Presentation>()

  /** For the clients of this process. */
  readonly fetch: Fetch = watchedFetch((presentation) => this.add("test", presentation))

  add(process: string, presentation: Presentation): void {
    const name = `${process}:${presentation.startedAt}`
    const endedAt = this.#all.get(name)?.endedAt ?? Number.POSITIVE_INFINITY
    this.#all.set(name, { ...presentation, endedAt: Math.min(endedAt, presentation.endedAt) })
  }

  /** Ends what a process presents: it was killed, or is paused and has had its response. */
  end(process: string): void {
    for (const [name, presentation] of this.#all) {
      if (name.startsWith(`${process}:`)) presentation.endedAt = Math.min(presentation.endedAt, monotonic())
    }
  }

  /** How many requests were made. */
  get count(): number {
    return this.#all.size
  }

  /** How often one grant was sent while another request with it was still under way: has to be 0. */
  get atOnce(): number {
    const all = [...this.#all.values()]
    return all.filter((one) =>
      all.some(
        (other) =>
          one !== other &&
          one.grant === other.grant &&
          one.startedAt < other.endedAt &&
          other.startedAt < one.endedAt,
      ),
    ).length
  }

  /** The newest refresh token that a server told anybody, of those that descend from this one. */
  newest(refreshToken: string): string {
    const last = [...this.#all.values()]
      .filter(({ grant, told }) => grant === refreshToken && told !== undefined && told !== grant)
      .sort((one, other) => other.endedAt - one.endedAt)
      .at(0)?.told
    return last === undefined ? refreshToken : this.newest(last)
  }
}
