import { describe, expect, it } from "vitest"
import type { MockServer, MockServerOptions } from "../../src/index.js"
import { exchange, last, redirectUri, stillServer } from "../tokens.js"

const users = [
  { id: "1", username: "ada" },
  { id: "2", username: "grace" },
]

const ask = { response_type: "code", client_id: "demo-app", state: "a-state", redirect_uri: redirectUri }

const get = async (server: MockServer, parameters: Record<string, string>) => {
  const response = await server.fetch(`${server.url}/oauth/authorize?${new URLSearchParams(parameters)}`)
  return { response, html: await response.text() }
}

const answer = (server: MockServer, parameters: Record<string, string>) =>
  server.fetch(`${server.url}/oauth/authorize`, { method: "POST", body: new URLSearchParams(parameters) })

const locationOf = (response: Response) => new URL(response.headers.get("location") ?? "none:")

const unescapeHtml = (text: string) =>
  text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))

/** What a browser would send from the page's form. */
const fieldsOf = (html: string): Record<string, string> =>
  Object.fromEntries(
    [...html.matchAll(/<input type="(?:hidden|radio)" name="([^"]*)" value="([^"]*)"( checked)?>/g)]
      .filter(([input, , , checked]) => input.includes("hidden") || checked !== undefined)
      .map(([, name = "", value = ""]) => [unescapeHtml(name), unescapeHtml(value)]),
  )

const asking = (options?: MockServerOptions) => stillServer({ autoApprove: false, users, ...options })

describe("the consent page", () => {
  it("is shown, and redirects with a code when the user approves", async () => {
    await using server = asking()
    const { response, html } = await get(server, ask)
    expect(response.status).toBe(200)
    expect(html).toContain("demo-app")
    expect(last(server)).toMatchObject({ decision: "served", reason: "The user was asked for consent." })

    const approved = await answer(server, { ...fieldsOf(html), decision: "approve" })
    expect(approved.status).toBe(303)
    const location = locationOf(approved)
    expect(location.searchParams.get("state")).toBe("a-state")
    const { status } = await exchange(server, location.searchParams.get("code") ?? "", {
      redirect_uri: redirectUri,
    })
    expect(status).toBe(200)
    expect(server.families[0]?.username).toBe("ada")
  })

  it("lets a person choose the user", async () => {
    await using server = asking()
    const { html } = await get(server, ask)
    await answer(server, { ...fieldsOf(html), user: "2", decision: "approve" })
    expect(last(server).reason).toBe("grace approved; a code was issued.")
  })

  it("redirects with access_denied when the user refuses", async () => {
    await using server = asking()
    const { html } = await get(server, ask)
    const denied = await answer(server, { ...fieldsOf(html), decision: "deny" })
    expect(Object.fromEntries(locationOf(denied).searchParams)).toEqual({
      error: "access_denied",
      error_description: "The user has refused access.",
      state: "a-state",
    })
  })

  it("shows the page again if the decision is missing or unknown", async () => {
    await using server = asking()
    for (const odd of [{}, { decision: "maybe" }, { decision: "approve", user: "3" }]) {
      expect((await answer(server, { ...ask, ...odd })).status).toBe(200)
    }
  })

  it("checks the form like a new request", async () => {
    await using server = asking()
    const { html } = await get(server, ask)
    const fields = { ...fieldsOf(html), decision: "approve" }
    expect((await answer(server, { ...fields, redirect_uri: "https://evil.example/" })).status).toBe(400)
    expect((await answer(server, { ...fields, client_id: "nobody" })).status).toBe(400)
    const wrongScope = locationOf(await answer(server, { ...fields, scope: "everything" }))
    expect(wrongScope.searchParams.get("error")).toBe("invalid_scope")
  })

  it("is not shown if a test planned the decision", async () => {
    await using server = asking()
    server.authorize.next("approve")
    expect((await get(server, ask)).response.status).toBe(302)
    expect((await get(server, ask)).response.status).toBe(200)
  })

  it("has a language, a title, one heading, a named group of choices and two buttons", async () => {
    await using server = asking({
      clients: [{ clientId: "demo-app", redirectUris: [redirectUri], name: "Map viewer" }],
    })
    const { html } = await get(server, ask)
    expect(html).toContain('<html lang="en">')
    expect(html).toContain("<title>Map viewer asks for access</title>")
    expect(html.match(/<h1>/g)).toHaveLength(1)
    expect(html).toContain("<fieldset><legend>Sign in as</legend>")
    expect(html.match(/<label><input type="radio"/g)).toHaveLength(2)
    expect(html.match(/<button [^>]*name="decision" value="(approve|deny)"/g)).toHaveLength(2)
    expect(html).toContain(":focus-visible")
  })

  it("runs no script and cannot be framed", async () => {
    await using server = asking()
    const { response, html } = await get(server, ask)
    const policy = response.headers.get("content-security-policy") ?? ""
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; .*frame-ancestors 'none'/,
    )
    const style = /<style>([\s\S]*)<\/style>/.exec(html)?.[1] ?? ""
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style)))
    expect(policy).toContain(`sha256-${Buffer.from(digest).toString("base64")}`)
    expect(html).not.toContain("<script")
  })

  it("lets no parameter become markup", async () => {
    await using server = asking()
    const script = `"'><script>alert(1)</script>`
    for (const name of ["state", "scope", "client_id", "redirect_uri", "response_type", "extra", script]) {
      const { html } = await get(server, { ...ask, [name]: script })
      expect(html).not.toContain("<script")
      expect(html).not.toContain(`"'>`)
    }
    const { html } = await get(server, { ...ask, extra: script })
    expect(fieldsOf(html)["extra"]).toBe(script)
  })
})
