/** A browser, as far as the routes can tell: a cookie jar, redirects, and the headers that say who made it send what. */
import type { MockServer } from "@ellipsis-oauth/mock-server"

/** Where requests of one origin go. */
export type Site = (request: Request) => Promise<Response>

interface Cookie {
  readonly value: string
  readonly expiresAt: number
}

export interface Visit {
  readonly url: string
  readonly response: Response
  readonly body: string
}

export class Browser {
  readonly #sites: ReadonlyMap<string, Site>
  readonly #now: () => number
  /** By origin, then by name. */
  readonly cookies = new Map<string, Map<string, Cookie>>()
  /** Every URL that it was at, and every header and body that it was sent, for those who look for secrets. */
  readonly seen: string[] = []

  constructor(server: MockServer, sites: Readonly<Record<string, Site>>) {
    this.#now = () => server.clock.now()
    const provider: Site = (request) => server.fetch(request)
    this.#sites = new Map([...Object.entries(sites), [new URL(server.url).origin, provider]])
  }

  /** Types an address, or follows a link, and every redirect after it. */
  async visit(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Visit> {
    const navigation = {
      accept: "text/html,application/xhtml+xml,*/*;q=0.8",
      "sec-fetch-dest": "document",
      "sec-fetch-mode": "navigate",
      "sec-fetch-site": "none",
      ...headers,
    }
    let at = url
    for (let redirects = 0; redirects < 10; redirects++) {
      const response = await this.send(at, { headers: navigation })
      const location = response.headers.get("location")
      const body = await response.clone().text()
      if (location === null || !this.#sites.has(new URL(location, at).origin))
        return { url: at, response, body }
      at = new URL(location, at).href
    }
    throw new Error(`too many redirects, the last to ${at}`)
  }

  /** What a page's script does: `fetch` with POST, to the page's own origin. */
  post(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    const { origin } = new URL(url)
    const own = {
      origin,
      "sec-fetch-site": "same-origin",
      "sec-fetch-mode": "cors",
      "sec-fetch-dest": "empty",
    }
    return this.send(url, { method: "POST", headers: { accept: "*/*", ...own, ...headers } })
  }

  async send(
    url: string,
    init: { readonly method?: string; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<Response> {
    const { origin } = new URL(url)
    const site = this.#sites.get(origin)
    if (site === undefined) throw new Error(`nothing is at ${origin}`)
    const headers = new Headers(init.headers)
    const cookie = this.cookieHeader(origin)
    if (cookie !== "" && !headers.has("cookie")) headers.set("cookie", cookie)
    const response = await site(new Request(url, { ...init, headers, redirect: "manual" }))
    this.seen.push(url, ...[...response.headers].map(String), await response.clone().text())
    for (const line of response.headers.getSetCookie()) this.#keep(origin, line)
    return response
  }

  cookieHeader(origin: string): string {
    const jar = this.cookies.get(origin) ?? new Map<string, Cookie>()
    const current = [...jar].filter(([, { expiresAt }]) => expiresAt > this.#now())
    return current.map(([name, { value }]) => `${name}=${value}`).join("; ")
  }

  /** Of the cookies that no script can read. */
  cookieNames(origin: string): readonly string[] {
    return this.cookieHeader(origin)
      .split("; ")
      .filter((pair) => pair !== "" && !isHint(pair))
      .map((pair) => pair.slice(0, pair.indexOf("=")))
  }

  /** What a script sees as `document.cookie`. */
  readableCookies(origin: string): string {
    return this.cookieHeader(origin).split("; ").filter(isHint).join("; ")
  }

  #keep(origin: string, line: string): void {
    const [pair = "", ...attributes] = line.split("; ")
    const [name = "", value = ""] = pair.split(/=(.*)/s)
    const secure = attributes.includes("Secure")
    if (secure && !origin.startsWith("https:")) return
    if (!attributes.includes("Path=/") || attributes.includes("HttpOnly") === isHint(pair)) {
      throw new Error(`a cookie that a script can read, or of one path: ${line}`)
    }
    if (name.startsWith("__Host-") && (!secure || /domain=/i.test(line))) return
    if (name.length + value.length > 4096) return
    const maxAge = Number(/Max-Age=(\d+)/.exec(line)?.[1])
    const jar = this.cookies.get(origin) ?? new Map<string, Cookie>()
    jar.set(name, { value, expiresAt: this.#now() + maxAge * 1000 })
    this.cookies.set(origin, jar)
  }
}

/** The one cookie that scripts can read: a point in time, and nothing secret. */
const isHint = (pair: string): boolean => /^(__Host-)?\w+-signed-in=[0-9a-z]{0,9}$/.test(pair)
