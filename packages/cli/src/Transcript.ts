/** What was sent to a token endpoint and what came back, to be shown to others: without a secret. */
import type { Fetch, FetchInit, FetchResponse } from "@ellipsis-oauth/node"
import { plainText } from "./plainText.js"

export interface Exchange {
  /** What was tried, for people. */
  readonly title: string
  readonly status: number
  /** The members of a JSON object; `undefined` for another body. */
  readonly json: Readonly<Record<string, unknown>> | undefined
  readonly text: string
}

/** What is shown of a response as it is; every other string may be a secret. */
const shown = /^(error|error_description|error_uri|message|token_type|expires_in|scope)$/

/** What is shown of a request as it is. */
const sent = /^(grant_type|redirect_uri|client_id)$/

/** How much of a body is shown, in characters. */
const longestBody = 2_000

/** How long a page may take to come, in milliseconds. */
const visitTimeout = 10_000

/** A `fetch` that can load a page, too. */
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

  /** The next requests belong to this; calls back with each response. */
  begin(title: string, onResponse: () => void = () => {}): void {
    this.#title = title
    this.#onResponse = onResponse
    this.#last = undefined
  }

  /** The last response since `begin`. */
  get last(): Exchange | undefined {
    return this.#last
  }

  /** Takes these out of the text, wherever a server repeats them. */
  hide(secrets: readonly string[]): void {
    for (const secret of secrets) if (secret.length > 3) this.#secrets.add(secret)
  }

  /** Records what goes through it. */
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
   * Whether a login begins at this authorization URL: a page or a redirect, and no error. `undefined` where no response
   * came. Neither the query nor the page is recorded: both can hold what belongs to a login.
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
        signal: AbortSignal.any([signal, AbortSignal.timeout(visitTimeout)]),
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

  /** The whole text; secrets that came up later are taken out of what came before. */
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
        ? exchange.text.slice(0, longestBody)
        : Object.entries(exchange.json)
            .map(([name, value]) => `  ${name}: ${this.#show(value, shown.test(name))}`)
            .join("\n"),
      "",
    )
  }

  #show(value: unknown, isShown: boolean): string {
    if (isShown || typeof value === "number" || typeof value === "boolean" || value === null) {
      return JSON.stringify(value).slice(0, longestBody)
    }
    if (typeof value !== "string") return `[redacted: ${Array.isArray(value) ? "an array" : "an object"}]`
    // A short one would take parts out of other words.
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
