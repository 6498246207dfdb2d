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

const textOf = (html: string) =>
  unescapeHtml(html.slice(html.indexOf("<main>")).replace(/<[^>]*>/g, " "))
    .replace(/\s+/g, " ")
    .trim()

const pageHeaders = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy": expect.stringMatching(
    /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; base-uri 'none'; frame-ancestors 'none'$/,
  ),
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
}

describe("a page of the authorization endpoint", () => {
  it("names the app, the scopes, the redirect URI and the users", async () => {
    await using server = asking({ scopes: ["projects", "maps"] })
    const { response, html } = await get(server, { ...ask, scope: "projects maps" })
    expect(Object.fromEntries(response.headers)).toMatchObject(pageHeaders)
    expect(textOf(html)).toBe(
      `Demo app asks for access It asks for access to projects, maps You will be sent back to ${redirectUri} Sign in as ada grace Approve Deny This is a mock server for tests. It has no real accounts.`,
    )
    expect(fieldsOf(html)).toEqual({ ...ask, scope: "projects maps", user: "1" })
  })

  it("names a client without a name by its id, and the only user", async () => {
    await using server = asking({
      clients: [{ clientId: "demo-app", redirectUris: [redirectUri] }],
      users: [{ id: "1", username: "<ada>" }],
    })
    const { html } = await get(server, ask)
    expect(html).toContain("<title>demo-app asks for access</title>")
    expect(textOf(html)).toContain("Signed in as <ada> . Approve Deny")
    expect(fieldsOf(html)).toEqual(ask)
  })

  it("does not repeat an old decision or an old user in its form", async () => {
    await using server = asking()
    const again = await answer(server, { ...ask, user: "2", decision: "maybe" })
    const html = await again.text()
    expect(fieldsOf(html)).toEqual({ ...ask, user: "1" })
    expect(html.match(/ name="user"/g)).toHaveLength(2)
  })

  it("approves as the first user if the form names none", async () => {
    await using server = asking()
    expect((await answer(server, { ...ask, decision: "approve" })).status).toBe(303)
    expect(last(server).reason).toBe("ada approved; a code was issued.")
  })

  it("explains a sign-in link that does not work", async () => {
    await using server = asking()
    const { response, html } = await get(server, { response_type: "code" })
    expect([response.status, Object.fromEntries(response.headers)]).toEqual([
      400,
      expect.objectContaining(pageHeaders),
    ])
    expect(html).toContain("<title>This sign-in link does not work</title>")
    expect(textOf(html)).toBe(
      "This sign-in link does not work There is no client_id. Parameter client_id Expected demo-app or demo-spa Got nothing You were not sent back to the app, because the link does not name a registered client and redirect URI. This is a mock server for tests.",
    )
  })

  it("leaves out what is not known about a refusal", async () => {
    await using server = asking()
    const response = await server.fetch(`${server.url}/oauth/authorize`, {
      method: "POST",
      body: new Uint8Array([0xff]),
    })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain(
      "<p>The body is not UTF-8.</p>\n<dl><dt>Expected</dt><dd>UTF-8 (RFC 6749 appendix B)</dd></dl>",
    )
    expect(last(server)).toMatchObject({ decision: "refused", parameters: {} })
  })

  it("refuses a form that is too large", async () => {
    await using server = asking()
    const response = await answer(server, { ...ask, extra: "x".repeat(65_536) })
    expect([response.status, textOf(await response.text())]).toEqual([
      413,
      expect.stringContaining("The body is too large."),
    ])
    expect(last(server)).toMatchObject({ decision: "refused", reason: "The body is too large." })
  })

  it("redirects a refusal with GET after a form was posted", async () => {
    await using server = asking()
    for (const more of [{ decision: "deny" }, { decision: "approve", scope: "everything" }]) {
      expect((await answer(server, { ...ask, ...more })).status).toBe(303)
    }
    expect((await get(server, { ...ask, scope: "everything" })).response.status).toBe(302)
  })
})
