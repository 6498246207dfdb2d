/** The requests to a token endpoint and its responses, without secrets, so that it can be shared. */
import type { Fetch, FetchInit, FetchResponse } from "@ellipsis-oauth/node"
import { plainText } from "./plainText.js"

export interface Exchange {
  /** Purpose of the request, for people. */
  readonly title: string
  readonly status: number
  /** The members of a JSON object; `undefined` for another body. */
  readonly json: Readonly<Record<string, unknown>> | undefined
  readonly text: string
}

/** Members of a response that are shown as they are; every other string may be a secret. */
const shown = /^(error|error_description|error_uri|message|token_type|expires_in|scope)$/

/** Parameters of a request that are shown as they are. */
const sent = /^(grant_type|redirect_uri|client_id)$/

/** How many characters of a body are shown. */
const maxBodyLength = 2_000

/** Timeout of a request for a page, in milliseconds. */
const pageTimeout = 10_000

/** A `fetch` that can also load pages. */
export type PageFetch = (
  url: string,
  init: Omit<FetchInit, "method" | "body"> & { readonly method: "GET" | "POST"; readonly body?: string },
) => Promise<FetchResponse>

export class Transcript {
  readonly #fetch: PageFetch
  readonly #lines: string[] = []
  readonly #secrets = new Set<string>()
  #title = ""
  #onResponse: () => void = () => {}
  #last: Exchange | undefined

  constructor(fetch: PageFetch) {
    this.#fetch = fetch
  }

  /** Sets the title of the next requests; calls `onResponse` after each response. */
  begin(title: string, onResponse: () => void = () => {}): void {
    this.#title = title
    this.#onResponse = onResponse
    this.#last = undefined
  }

  /** The last response since `begin`. */
  get last(): Exchange | undefined {
    return this.#last
  }

  /** Removes these secrets from the whole text, also where a server repeats them. */
  hide(secrets: readonly string[]): void {
    for (const secret of secrets) if (secret.length > 3) this.#secrets.add(secret)
  }

  /** A `fetch` that records every request and response. */
  readonly fetch: Fetch = async (url, init) => {
    try {
      const response = await this.#fetch(url, init)
      const { status } = response
      const text = await readText(response)
      const exchange = { title: this.#title, status, json: parseObject(text), text }
      this.#last = exchange
      this.#write(url, init, exchange, new Headers([...response.headers]).get("content-type"))
      this.#onResponse()
      const hasBody = status !== 204 && status !== 304
      return new Response(hasBody ? text : null, { status, headers: [...response.headers] })
    } catch (error) {
      this.#lines.push(`## ${this.#title}\n\nPOST ${url}\n\nNo response.\n`)
      throw error
    }
  }

  /**
   * Whether a login can start at this authorization URL: the response is a page or a redirect without an error.
   * `undefined` if there was no response. Query and page are not recorded, because both can contain secrets of a login.
   */
  async visit(
    title: string,
    url: URL,
    redirectUri: string,
    signal: AbortSignal,
  ): Promise<boolean | undefined> {
    const heading = `## ${title}\n\nGET ${url.origin}${url.pathname}\n`
    try {
      const { status, headers, body } = await this.#fetch(url.href, {
        method: "GET",
        headers: { accept: "text/html" },
        signal: AbortSignal.any([signal, AbortSignal.timeout(pageTimeout)]),
        redirect: "manual",
        credentials: "omit",
        cache: "no-store",
      })
      await readText({ body })
      const location = new Headers([...headers]).get("location")
      const target = location === null || !URL.canParse(location, url) ? undefined : new URL(location, url)
      const isBack = target !== undefined && `${target.origin}${target.pathname}` === redirectUri
      const error = isBack ? target.searchParams.get("error") : null
      const description = isBack ? target.searchParams.get("error_description") : null
      const where =
        target === undefined
          ? ""
          : `, to ${isBack ? "the redirect URI" : target.origin}${error === null ? "" : ` with error=${error}`}`
      this.#lines.push(
        heading,
        `HTTP ${status}${where}`,
        ...(description === null ? [] : [`  ${description}`]),
        "",
      )
      return status < 400 && error === null
    } catch {
      signal.throwIfAborted()
      this.#lines.push(heading, "No response.", "")
      return undefined
    }
  }

  /** The whole text; secrets that were found later are also removed from earlier requests. */
  toString(): string {
    let text = plainText(this.#lines.join("\n"))
    const longestFirst = [...this.#secrets].sort((a, b) => b.length - a.length)
    for (const secret of longestFirst) {
      for (const written of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
        text = text.replaceAll(written, "[redacted]")
    }
    return text
  }

  #write(url: string, init: FetchInit, exchange: Exchange, contentType: string | null): void {
    const type =
      Object.entries(init.headers).find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? ""
    const body = parseObject(init.body) ?? Object.fromEntries(new URLSearchParams(init.body))
    const hasHeader = Object.keys(init.headers).some((name) => name.toLowerCase() === "authorization")
    this.#lines.push(
      `## ${exchange.title}\n`,
      `POST ${url}`,
      `content-type: ${type}`,
      ...(hasHeader ? ["authorization: [redacted]"] : []),
      "",
      ...Object.entries(body).map(([name, value]) => `  ${name}: ${this.#show(value, sent.test(name))}`),
      "",
      `HTTP ${exchange.status}, ${contentType ?? "no content-type"}`,
      "",
      exchange.json === undefined
        ? exchange.text.slice(0, maxBodyLength)
        : Object.entries(exchange.json)
            .map(([name, value]) => `  ${name}: ${this.#show(value, shown.test(name))}`)
            .join("\n"),
      "",
    )
  }

  #show(value: unknown, isShown: boolean): string {
    if (isShown || typeof value === "number" || typeof value === "boolean" || value === null) {
      return JSON.stringify(value).slice(0, maxBodyLength)
    }
    if (typeof value !== "string") return `[redacted: ${Array.isArray(value) ? "an array" : "an object"}]`
    // Removing a short value would remove parts of other words.
    if (value.length > 7) this.#secrets.add(value)
    return `[redacted: ${value.length} characters]`
  }
}

const readText = async ({ body }: { readonly body: unknown }): Promise<string> =>
  body === null ? "" : new Response(body as ReadableStream).text()

const parseObject = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const found: unknown = JSON.parse(text)
    return typeof found === "object" && found !== null && !Array.isArray(found) ? { ...found } : undefined
  } catch {
    return undefined
  }
}
