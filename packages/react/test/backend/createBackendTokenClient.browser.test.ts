// cspell:ignore validty
import type { TokenEvent, TokenState } from "@ellipsis-oauth/core"
import { afterEach, describe, expect, it, vi } from "vitest"
import { type BackendTokenClientOptions, createBackendTokenClient } from "../../src/index.js"

const unmounts: Array<() => void> = []

afterEach(() => {
  for (const unmount of unmounts.splice(0)) unmount()
  sessionStorage.clear()
})

type Reply = Response | Error | Promise<Response>

const token = (accessToken: string, expiresIn: number | undefined = 3600) =>
  Response.json({
    access_token: accessToken,
    ...(expiresIn === undefined ? {} : { expires_in: expiresIn }),
    scope: "projects",
  })

const loginRequired = () => Response.json({ error: "login_required" }, { status: 401 })

let bases = 0

/** A client whose backend returns these responses, one for each request; the last one is repeated. */
const setup = (replies: readonly (() => Reply)[], options: Partial<BackendTokenClientOptions> = {}) => {
  const requests: string[] = []
  const events: TokenEvent[] = []
  let clock = Date.now()
  const basePath = `/auth${bases++}`
  const fetch = vi.fn(async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const url = new URL(String(input))
    requests.push(`${init?.method} ${url.pathname.replace(basePath, "")}${url.search}`)
    const reply = (replies[Math.min(requests.length, replies.length) - 1] ?? loginRequired)()
    if (reply instanceof Error) throw reply
    return reply
  })
  const client = createBackendTokenClient({ basePath, fetch, now: () => clock, ...options })
  client.subscribeEvents((event) => events.push(event))
  return {
    client,
    fetch,
    requests,
    events,
    basePath,
    advance: (milliseconds: number) => {
      clock += milliseconds
    },
    mount: () => {
      const unmount = client.mount()
      unmounts.push(unmount)
      return unmount
    },
    statusIs: (status: TokenState["status"]) => expect.poll(() => client.getSnapshot().status).toBe(status),
  }
}

const refreshOf = (state: TokenState) => ("refresh" in state ? state.refresh : undefined)

describe("creating it", () => {
  it("does nothing", () => {
    const { client, requests } = setup([])
    expect(client.getSnapshot()).toEqual({ status: "restoring" })
    expect(client.getServerSnapshot()).toBe(client.getServerSnapshot())
    expect(Object.isFrozen(client.getServerSnapshot())).toBe(true)
    expect(requests).toEqual([])
  })

  it.each([
    ["basePath", { basePath: "auth" }],
    ["basePath", { basePath: "//evil.example" }],
    ["basePath", { basePath: "https://evil.example/auth" }],
    ["basePath", { basePath: "/auth?x=1" }],
    ["basePath", { basePath: undefined as never }],
    ["apiOrigins", { basePath: "/auth", apiOrigins: ["https://api.example.com/"] }],
    ["apiOrigins", { basePath: "/auth", apiOrigins: ["*"] }],
    ["apiOrigins", { basePath: "/auth", apiOrigins: "https://api.example.com" as never }],
    ["fetch", { basePath: "/auth", fetch: "fetch" as never }],
    ["onEvent", { basePath: "/auth", onEvent: {} as never }],
    ["timeout", { basePath: "/auth", timeout: "soon" as never }],
    ["now", { basePath: "/auth", now: 5 as never }],
    ["apiOrigins", { basePath: "/auth", apiOrigins: [undefined as never] }],
    ["apiOrigin", { basePath: "/auth", apiOrigin: "https://api.example.com" } as never],
  ])("refuses a bad %s at once: %j", (option, options) => {
    expect(() => createBackendTokenClient(options)).toThrow(
      expect.objectContaining({ _tag: "ConfigurationError", option }),
    )
  })
})

it("accepts undefined for an option that is left out, and suggests the name of a misspelt one", () => {
  const options = { apiOrigins: undefined, onEvent: undefined, fetch: undefined, timeout: undefined }
  const client = createBackendTokenClient({ basePath: "/auth", now: undefined, ...options })
  expect(client.authorizes("https://api.ellipsis-drive.com/v3")).toBe(true)
  expect(() => createBackendTokenClient({ basepath: "/auth" } as never)).toThrow('spelled "basePath"')
})

describe("restoring", () => {
  it("sends one request, however often it is mounted", async () => {
    const { mount, requests, statusIs, client } = setup([() => token("one")])
    mount()()
    mount()
    mount()
    await statusIs("ready")
    expect(client.getSnapshot()).toMatchObject({ scope: ["projects"], refresh: { phase: "idle" } })
    expect(client.peekAccessToken()).toBe("one")
    expect(requests).toEqual(["POST /token"])
  })

  it("finds that no user is signed in, without an error", async () => {
    const { mount, statusIs, client, events, requests } = setup([loginRequired])
    mount()
    await statusIs("signedOut")
    expect(client.getSnapshot()).toEqual({ status: "signedOut", reason: "initial" })
    expect(events.map(({ type }) => type)).toEqual(["refreshStarted"])
    await expect(client.getAccessToken()).rejects.toMatchObject({ _tag: "LoginRequired" })
    expect(requests).toHaveLength(1)
  })

  it.each([
    ["no network", () => new TypeError("Failed to fetch"), "TransportError"],
    ["an overloaded backend", () => new Response("busy", { status: 503 }), "TokenEndpointUnavailable"],
    ["a proxy without a backend", () => new Response("<html>", { status: 502 }), "TokenEndpointUnavailable"],
  ])("goes on asking after %s", async (_name, reply, tag) => {
    const { mount, statusIs, events, client } = setup([reply, () => token("one")])
    mount()
    await expect.poll(() => events.map(({ type }) => type)).toContain("refreshFailed")
    expect(client.getSnapshot().status).toBe("restoring")
    expect(events.find(({ type }) => type === "refreshFailed")).toMatchObject({ error: { _tag: tag } })
    await statusIs("ready")
  })

  it("waits as long as the backend asks", async () => {
    const unavailable = () => new Response(null, { status: 503, headers: { "retry-after": "3600" } })
    const { mount, client, events, requests, statusIs } = setup([unavailable, () => token("one")])
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    try {
      mount()
      await vi.waitUntil(() => events.some(({ type }) => type === "refreshFailed"))
      await vi.advanceTimersByTimeAsync(3_599_000)
      expect(requests).toHaveLength(1)
      await vi.advanceTimersByTimeAsync(1_000)
    } finally {
      vi.useRealTimers()
    }
    await statusIs("ready")
    expect(client.peekAccessToken()).toBe("one")
  })

  it("waits an hour at most, also for a time that is longer than a timer can be", async () => {
    const unavailable = () => new Response(null, { status: 503, headers: { "retry-after": "2592000" } })
    const { mount, events, requests, statusIs } = setup([unavailable, () => token("one")])
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    try {
      mount()
      await vi.waitUntil(() => events.some(({ type }) => type === "refreshFailed"))
      await vi.advanceTimersByTimeAsync(3_599_000)
      expect(requests).toHaveLength(1)
      await vi.advanceTimersByTimeAsync(1_000)
    } finally {
      vi.useRealTimers()
    }
    await statusIs("ready")
  })

  it.each([
    ["the page of the app itself", () => new Response("<!doctype html>"), "InvalidTokenResponse"],
    ["a token that cannot be one", () => Response.json({ access_token: "a b" }), "InvalidTokenResponse"],
    ["an expiry that is none", () => token("one", "soon" as never), "InvalidTokenResponse"],
    ["no routes", () => new Response("Not found", { status: 404 }), "InvalidTokenResponse"],
    [
      "a refusal",
      () => Response.json({ error: "forbidden", error_description: "Not from here." }, { status: 403 }),
      "TokenErrorResponse",
    ],
  ])("says what is wrong where waiting would not help: %s", async (_name, reply, _tag) => {
    const { mount, statusIs, client, requests, basePath } = setup([reply])
    mount()
    await statusIs("signedOut")
    expect(client.getSnapshot()).toMatchObject({ reason: "initial", error: { _tag, action: "fix" } })
    if (_tag === "InvalidTokenResponse") {
      expect(client.getSnapshot()).toMatchObject({ error: { hint: expect.stringContaining(basePath) } })
    }
    expect(requests).toHaveLength(1)
  })

  it("logs an error that only the developer can remove, once, and no other", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {})
    try {
      const { mount, statusIs, client, basePath } = setup([() => new Response("Not found", { status: 404 })])
      const unmount = mount()
      await statusIs("signedOut")
      unmount()
      mount()
      await expect(client.getAccessToken({ force: true })).rejects.toThrow()
      const other = setup([loginRequired])
      other.mount()
      await other.statusIs("signedOut")
      const own = log.mock.calls.filter(([line]) => String(line).includes(basePath))
      expect(own).toEqual([
        [expect.stringMatching(/^InvalidTokenResponse: .* is createAuthRoutes mounted at/)],
      ])
      expect(log).toHaveBeenCalledTimes(1)
    } finally {
      log.mockRestore()
    }
  })

  it("does not follow a redirect", async () => {
    const redirect = () =>
      Object.defineProperty(new Response(null), "type", { value: "opaqueredirect" }) as Response
    const { mount, statusIs, client, fetch } = setup([redirect])
    mount()
    await statusIs("signedOut")
    expect(client.getSnapshot()).toMatchObject({ error: { _tag: "TransportError", reason: "redirect" } })
    expect(fetch.mock.calls[0]?.[1]).toMatchObject({ redirect: "manual", credentials: "same-origin" })
  })
})

describe("getAccessToken", () => {
  it("makes one request for all callers, and none while the token is fresh", async () => {
    const { client, requests, advance } = setup([() => token("one"), () => token("two")])
    expect(new Set(await Promise.all(Array.from({ length: 50 }, () => client.getAccessToken())))).toEqual(
      new Set(["one"]),
    )
    advance(3_539_000)
    expect(await client.getAccessToken()).toBe("one")
    advance(2_000)
    expect(await client.getAccessToken()).toBe("two")
    expect(requests).toHaveLength(2)
  })

  it("requests another one after half of a short lifetime, or when minValidity requires it", async () => {
    const { client, advance, requests } = setup([
      () => token("one", 60),
      () => token("two"),
      () => token("three"),
    ])
    await client.getAccessToken()
    advance(29_000)
    expect(await client.getAccessToken()).toBe("one")
    advance(2_000)
    expect(await client.getAccessToken()).toBe("two")
    expect(await client.getAccessToken({ minValidity: "20 minutes" })).toBe("two")
    advance(1_500_000)
    expect(await client.getAccessToken({ minValidity: 0 })).toBe("two")
    expect(await client.getAccessToken({ minValidity: "50 minutes" })).toBe("two") // half its life at most
    advance(400_000)
    expect(await client.getAccessToken({ minValidity: "50 minutes" })).toBe("three")
    expect(requests).toHaveLength(3)
    await expect(client.getAccessToken({ minValidity: "a while" as never })).rejects.toMatchObject({
      _tag: "ConfigurationError",
      option: "minValidity",
    })
  })

  it.each([
    [{ minValidty: 1000 }, 'spelled "minValidity"'],
    [null, "an object"],
  ])("refuses the options %j, with a valid token too", async (options, expected) => {
    const { client, requests } = setup([() => token("one")])
    await client.getAccessToken()
    await expect(client.getAccessToken(options as never)).rejects.toMatchObject({
      _tag: "ConfigurationError",
      expected,
    })
    expect(requests).toHaveLength(1)
  })

  it("sends the hash of the refused token", async () => {
    const { client, requests } = setup([() => token("one"), () => token("two")])
    await client.getAccessToken()
    expect(await client.getAccessToken({ force: true })).toBe("two")
    const hash = "dpLDrTVAu4A8Ags67mbNiIcSMjTqDG5xQ8Ct1z_0Me0" // of "one"
    expect(requests).toEqual(["POST /token", `POST /token?rejected=${hash}`])
  })

  it("rejects an aborted call, and keeps the token for the others", async () => {
    let respond = (_response: Response) => {}
    const { client } = setup([() => new Promise<Response>((resolve) => (respond = resolve))])
    const aborting = new AbortController()
    const aborted = client.getAccessToken({ signal: aborting.signal })
    const other = client.getAccessToken()
    aborting.abort(new Error("enough"))
    await expect(aborted).rejects.toThrow("enough")
    respond(token("one"))
    expect(await other).toBe("one")
    await expect(client.getAccessToken({ signal: AbortSignal.abort(new Error("no")) })).rejects.toThrow("no")
  })

  it("returns a token that is still valid while the backend is down, and respects Retry-After", async () => {
    const unavailable = () => new Response(null, { status: 503, headers: { "retry-after": "30" } })
    const { client, advance, requests, events } = setup([() => token("one"), unavailable, () => token("two")])
    await client.getAccessToken()
    advance(3_580_000)
    expect(await client.getAccessToken()).toBe("one")
    expect(refreshOf(client.getSnapshot())).toMatchObject({
      phase: "failed",
      error: { _tag: "TokenEndpointUnavailable", retryAfter: 30_000 },
    })
    advance(21_000)
    expect(client.getSnapshot().status).toBe("stale")
    expect(client.peekAccessToken()).toBeUndefined()
    await expect(client.getAccessToken()).rejects.toMatchObject({ _tag: "TokenEndpointUnavailable" })
    expect(requests).toHaveLength(2)
    advance(10_000)
    expect(await client.getAccessToken()).toBe("two")
    expect(client.getSnapshot()).toMatchObject({ status: "ready", refresh: { phase: "idle" } })
    expect(events.map(({ type }) => type)).toEqual([
      "refreshStarted",
      "adopted",
      "refreshStarted",
      "refreshFailed",
      "refreshStarted",
      "refreshed",
    ])
    expect(JSON.stringify(events)).not.toMatch(/"(one|two)"/)
  })

  it("recognises an offline device, and keeps the user signed in", async () => {
    const { client, advance } = setup([
      () => token("one"),
      () => new TypeError("Failed to fetch"),
      () => token("two"),
    ])
    await client.getAccessToken()
    advance(4_000_000)
    vi.spyOn(navigator, "onLine", "get").mockReturnValue(false)
    await expect(client.getAccessToken()).rejects.toMatchObject({ _tag: "TransportError", reason: "offline" })
    expect(client.getSnapshot()).toEqual({ status: "stale", refresh: { phase: "offline" } })
    vi.spyOn(navigator, "onLine", "get").mockReturnValue(true)
    expect(await client.getAccessToken()).toBe("two")
  })

  it("ends the wait for a backend that never responds", async () => {
    const never: typeof fetch = (_input, init) =>
      new Promise((_, reject) => init?.signal?.addEventListener("abort", () => reject(init.signal?.reason)))
    const { client } = setup([], { fetch: never, timeout: 50 })
    await expect(client.getAccessToken()).rejects.toMatchObject({ _tag: "TransportError", reason: "timeout" })
  })

  it("signs out when the backend's session has ended", async () => {
    const { client, advance, events } = setup([() => token("one"), loginRequired])
    await client.getAccessToken()
    advance(3_600_000)
    await expect(client.getAccessToken()).rejects.toMatchObject({ _tag: "LoginRequired" })
    expect(client.getSnapshot()).toMatchObject({ status: "signedOut", reason: "expired" })
    expect(events.at(-1)).toMatchObject({ type: "signedOut", reason: "expired" })
  })
})

describe("while it is mounted", () => {
  it("renews the token when the user comes back to the page, and not before", async () => {
    const { client, mount, advance, statusIs, requests } = setup([() => token("one"), () => token("two")])
    const unmount = mount()
    await statusIs("ready")
    window.dispatchEvent(new Event("focus"))
    advance(28_800_000)
    expect(requests).toHaveLength(1)
    window.dispatchEvent(new Event("focus"))
    await expect.poll(() => client.peekAccessToken()).toBe("two")
    unmount()
    advance(28_800_000)
    window.dispatchEvent(new Event("focus"))
    window.dispatchEvent(new Event("online"))
    expect(requests).toHaveLength(2)
  })

  it("requests again if a page is restored as it was before a sign-out", async () => {
    const { mount, statusIs } = setup([() => token("one"), loginRequired])
    mount()
    await statusIs("ready")
    window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))
    await statusIs("signedOut")
  })

  it("requests again if a page is restored as it was before a sign-in", async () => {
    const { mount, statusIs } = setup([loginRequired, () => token("one")])
    mount()
    await statusIs("signedOut")
    window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))
    await statusIs("ready")
  })

  it("survives listeners that throw", async () => {
    const { client, mount, statusIs } = setup([() => token("one")], {
      onEvent: () => {
        throw new Error("mine")
      },
    })
    client.subscribe(() => {
      void client.getAccessToken()
      throw new Error("mine")
    })
    mount()
    await statusIs("ready")
  })
})

describe("login", () => {
  it.each([
    ["method", { method: "popup" } as const],
    ["scope", { scope: "projects" }],
    ["returnTo", { returnTo: "https://evil.example/" }],
    ["returnTo", { returnTo: "//evil.example" }],
    ["returnTo", { returnTo: "javascript:alert(1)" }],
    ["returnTo", { returnTo: `/${"a".repeat(1024)}` }],
    ["signal", { signal: {} as AbortSignal }],
  ])("goes nowhere with a bad %s: %j", async (option, options) => {
    const { client } = setup([])
    await expect(client.login(options)).rejects.toMatchObject({ _tag: "ConfigurationError", option })
    expect(client.getSnapshot().status).toBe("restoring")
  })
})

describe("logout", () => {
  it("ends after the backend's logout", async () => {
    const gone = () => new Response(null, { status: 204 })
    const { client, requests, events } = setup([
      () => token("one"),
      () => new TypeError("Failed to fetch"),
      gone,
    ])
    await client.getAccessToken()
    await expect(client.logout()).rejects.toMatchObject({ _tag: "TransportError" })
    expect(client.getSnapshot().status).toBe("ready")
    await client.logout()
    expect(client.getSnapshot()).toEqual({ status: "signedOut", reason: "logout" })
    expect(client.peekAccessToken()).toBeUndefined()
    expect(requests.slice(1)).toEqual(["POST /logout", "POST /logout"])
    expect(events.at(-1)).toMatchObject({ type: "signedOut", reason: "logout" })
  })

  it("goes on where the page is left before the response has come", async () => {
    const { client, fetch } = setup([() => token("one"), () => new Response(null, { status: 204 })])
    await client.getAccessToken()
    await client.logout()
    expect(fetch.mock.calls.map(([, init]) => init?.keepalive)).toEqual([undefined, true])
  })

  it("is not undone by a request that was under way", async () => {
    let respond = (_response: Response) => {}
    const { client } = setup([
      () => token("one"),
      () => new Promise<Response>((resolve) => (respond = resolve)),
      () => new Response(null, { status: 204 }),
    ])
    await client.getAccessToken()
    const late = client.getAccessToken({ force: true })
    // The hash is computed first.
    await expect.poll(() => refreshOf(client.getSnapshot())?.phase).toBe("refreshing")
    await client.logout()
    respond(token("two"))
    await expect(late).rejects.toMatchObject({ _tag: "LoginRequired" })
    expect(client.getSnapshot().status).toBe("signedOut")
    expect(client.peekAccessToken()).toBeUndefined()
  })
})

describe("fetch", () => {
  it("sends the token only to the API's origins, and gets another one after a 401", async () => {
    const sent: Array<readonly [string, string | null]> = []
    const tokens = ["one", "two"]
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const url = new URL(String(input), location.origin)
      if (url.pathname.endsWith("/token")) return token(tokens.shift() ?? "three")
      const authorization = new Headers(init?.headers).get("authorization")
      sent.push([url.href, authorization])
      return new Response(null, { status: authorization === "Bearer one" ? 401 : 200 })
    }
    const { client } = setup([], { fetch, apiOrigins: ["https://api.example.com"] })
    expect((await client.fetch("https://api.example.com/maps")).status).toBe(200)
    await client.fetch("https://api.example.com.evil.example/maps")
    await client.fetch("/own")
    expect(sent).toEqual([
      ["https://api.example.com/maps", "Bearer one"],
      ["https://api.example.com/maps", "Bearer two"],
      ["https://api.example.com.evil.example/maps", null],
      [`${location.origin}/own`, null],
    ])
    expect(client.authorizes("https://api.example.com/x")).toBe(true)
    expect(client.authorizes("/own")).toBe(false)
    expect(client.authorizes("http://")).toBe(false)
  })
})

describe("a token that the API refuses", () => {
  const api = "https://api.example.com/maps"

  const withApi = (replies: readonly (() => Response)[]) => {
    const asked: string[] = []
    const fetch: typeof globalThis.fetch = async (input) => {
      const { href, pathname, search } = new URL(String(input), location.origin)
      if (href === api) return new Response(null, { status: 401 })
      asked.push(pathname.replace(/.*\//, "") + search.replace(/=.*/, ""))
      return (replies[asked.length - 1] ?? loginRequired)()
    }
    return { ...setup([], { fetch, apiOrigins: ["https://api.example.com"] }), asked }
  }

  it("is stale, as in the browser client, while the backend cannot return another one", async () => {
    const unavailable = () => new Response(null, { status: 503 })
    const { client } = withApi([() => token("one"), unavailable])
    expect((await client.fetch(api)).status).toBe(401)
    expect(client.getSnapshot()).toMatchObject({ status: "stale", refresh: { phase: "failed" } })
    expect(client.peekAccessToken()).toBeUndefined()
  })

  it("is replaced once, and not again while the API refuses every token", async () => {
    const { client, asked } = withApi([() => token("one"), () => token("two"), () => token("three")])
    for (let i = 0; i < 5; i++) expect((await client.fetch(api)).status).toBe(401)
    expect(asked).toEqual(["token", "token?rejected"])
    expect(client.getSnapshot().status).toBe("ready")
  })

  it("is not used again if the backend has no other", async () => {
    const { client, asked } = withApi([() => token("one"), () => token("one"), () => token("one")])
    expect((await client.fetch(api)).status).toBe(401)
    expect(client.getSnapshot().status).toBe("stale")
    expect(asked).toEqual(["token", "token?rejected"])
  })
})

it("reads only a limited part of a response", async () => {
  const chunk = new TextEncoder().encode("x".repeat(65_536))
  const cancel = vi.fn()
  const endless = () =>
    new Response(new ReadableStream({ pull: (controller) => controller.enqueue(chunk), cancel }))
  const { client } = setup([endless])
  await expect(client.getAccessToken()).rejects.toMatchObject({ _tag: "InvalidTokenResponse" })
  expect(cancel).toHaveBeenCalledOnce()
})

it("sends nothing as long as the backend asks, also before the state is known", async () => {
  const unavailable = () => new Response(null, { status: 503, headers: { "retry-after": "30" } })
  const { client, advance, requests } = setup([unavailable, () => token("one")])
  await expect(client.getAccessToken()).rejects.toMatchObject({ _tag: "TokenEndpointUnavailable" })
  await expect(client.getAccessToken()).rejects.toMatchObject({ _tag: "TokenEndpointUnavailable" })
  expect(requests).toHaveLength(1)
  advance(30_000)
  expect(await client.getAccessToken()).toBe("one")
})

it("reads the system's clock at each use", async () => {
  const { client } = setup([() => token("one")], { now: undefined })
  await client.getAccessToken()
  const later = Date.now() + 7_200_000
  const now = vi.spyOn(Date, "now").mockReturnValue(later)
  try {
    expect(client.getSnapshot().status).toBe("stale")
  } finally {
    now.mockRestore()
  }
})

it("gives the token to no page of the app itself if apiOrigins is left out", () => {
  const client = createBackendTokenClient({ basePath: "/auth" })
  expect(client.authorizes(location.href)).toBe(false)
  expect(client.authorizes("/own")).toBe(false)
})

it("waits for a response of the backend for longer than the backend waits for the provider", async () => {
  const timeout = vi.spyOn(AbortSignal, "timeout")
  try {
    const { client } = setup([() => token("one")])
    await client.getAccessToken()
    expect(timeout.mock.calls).toEqual([[35_000]])
  } finally {
    timeout.mockRestore()
  }
})

it("counts the lifetime of a token from its request, not from its response", async () => {
  const slow = () => {
    advance(10_000)
    return token("one", 3600)
  }
  const { client, advance } = setup([slow])
  const sentAt = Date.now()
  await client.getAccessToken()
  const state = client.getSnapshot()
  const expiresAt = state.status === "ready" ? (state.expiresAt ?? 0) : 0
  expect(expiresAt).toBeLessThan(sentAt + 3_610_000)
  expect(expiresAt).toBeGreaterThan(sentAt + 3_590_000)
})

it("shows no failure of a request that a newer one has overtaken", async () => {
  let fail = (_error: Error) => {}
  const { client, mount, events, statusIs } = setup([
    () => new Promise<Response>((_, reject) => (fail = reject)),
    () => token("two"),
  ])
  mount()
  const early = client.getAccessToken()
  await expect.poll(() => events.length).toBe(1)
  window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))
  await statusIs("ready")
  fail(new TypeError("Failed to fetch"))
  expect(await early).toBe("two")
  expect(client.getSnapshot()).toMatchObject({ status: "ready", refresh: { phase: "idle" } })
  expect(events.map(({ type }) => type)).toEqual(["refreshStarted", "refreshStarted", "adopted"])
})

it("has not logged out where the backend's logout failed", async () => {
  const gone = () => new Response(null, { status: 204 })
  const { client } = setup([() => token("one"), () => new TypeError("Failed to fetch"), gone])
  await client.getAccessToken()
  await expect(client.logout()).rejects.toMatchObject({ _tag: "TransportError" })
  expect(client.hasLoggedOut?.()).toBe(false)
  await client.logout()
  expect(client.hasLoggedOut?.()).toBe(true)
})

it("begins no login for a signal that was aborted before", async () => {
  const { client } = setup([])
  const signal = AbortSignal.abort(new Error("enough"))
  await expect(client.login({ signal })).rejects.toThrow("enough")
  expect(client.getSnapshot().status).toBe("restoring")
})

it("signs out at the backend before it leaves, and leaves for no other origin", async () => {
  const { client, requests } = setup([() => token("one")])
  await client.getAccessToken()
  await expect(client.logout({ returnTo: "https://evil.example/" })).rejects.toMatchObject({
    _tag: "ConfigurationError",
    option: "returnTo",
  })
  expect(requests).toEqual(["POST /token"])
  expect(client.getSnapshot().status).toBe("ready")
})

it("takes no response from a cache", async () => {
  const { client, fetch } = setup([() => token("one")])
  await client.getAccessToken()
  expect(fetch.mock.lastCall?.[1]).toMatchObject({ method: "POST", cache: "no-store" })
})

it("shows the scope without the gaps of a response", async () => {
  const spaced = () => Response.json({ access_token: "one", expires_in: 60, scope: " a  b " })
  const { client } = setup([spaced])
  await client.getAccessToken()
  expect(client.getSnapshot()).toMatchObject({ scope: ["a", "b"] })
})

it("shows a short part of what a proxy says", async () => {
  const said = "x".repeat(1000)
  const refusal = () => Response.json({ error: "forbidden", error_description: said }, { status: 403 })
  const { client } = setup([refusal])
  await expect(client.getAccessToken()).rejects.toMatchObject({ errorDescription: said.slice(0, 300) })
})

it("asks again at growing intervals while the backend cannot be reached", async () => {
  const { mount, requests } = setup([() => new TypeError("Failed to fetch")])
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  try {
    mount()
    const counts: number[] = []
    for (const milliseconds of [0, 1_000, 1_000, 1_000, 4_000]) {
      await vi.advanceTimersByTimeAsync(milliseconds)
      counts.push(requests.length)
    }
    expect(counts).toEqual([1, 2, 2, 3, 4])
  } finally {
    vi.useRealTimers()
  }
})

it("asks no more after it was unmounted, also where a request was under way", async () => {
  let fail = (_error: Error) => {}
  const { mount, requests, events } = setup([() => new Promise<Response>((_, reject) => (fail = reject))])
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  try {
    const unmount = mount()
    await vi.waitUntil(() => requests.length === 1)
    unmount()
    fail(new TypeError("Failed to fetch"))
    await vi.waitUntil(() => events.some(({ type }) => type === "refreshFailed"))
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(requests).toHaveLength(1)
  } finally {
    vi.useRealTimers()
  }
})

it("says that the user signed out elsewhere where another tab's message has not arrived yet", async () => {
  const { client, advance, basePath } = setup([() => token("one"), loginRequired])
  await client.getAccessToken()
  const other = createBackendTokenClient({ basePath, fetch: async () => new Response(null, { status: 204 }) })
  await other.logout()
  advance(4_000_000)
  await expect(client.getAccessToken()).rejects.toMatchObject({ _tag: "LoginRequired" })
  expect(client.getSnapshot()).toMatchObject({ status: "signedOut", reason: "elsewhere" })
})

describe("on a page that stays open", () => {
  /** With timers that a test moves, and a clock beside them. */
  const open = async (replies: readonly (() => Reply)[]) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    const page = setup(replies)
    page.mount()
    await vi.waitUntil(() => page.client.getSnapshot().status === "ready")
    return page
  }

  afterEach(() => {
    vi.useRealTimers()
  })

  it("renews the token within half a minute after a sleep of the machine, when no timer ran", async () => {
    const { requests, advance, client } = await open([() => token("one"), () => token("two")])
    await vi.advanceTimersByTimeAsync(120_000)
    expect(requests).toHaveLength(1)
    advance(3_545_000)
    await vi.advanceTimersByTimeAsync(30_000)
    expect(requests).toHaveLength(2)
    expect(client.peekAccessToken()).toBe("two")
  })

  it("asks a backend that is down twice a minute, not each second", async () => {
    const { requests, advance } = await open([() => token("one"), () => new Response(null, { status: 503 })])
    advance(3_545_000)
    for (let second = 0; second < 300; second++) {
      advance(1000)
      await vi.advanceTimersByTimeAsync(1000)
    }
    expect(requests.length).toBeGreaterThan(8)
    expect(requests.length).toBeLessThan(14)
  })
})

it("calls a listener for events for each of its subscriptions, until that one ends", async () => {
  const { client } = setup([() => token("one")])
  const listener = vi.fn()
  const stops = [client.subscribeEvents(listener), client.subscribeEvents(listener)]
  stops[0]?.()
  await client.getAccessToken()
  await expect
    .poll(() => listener.mock.calls.map(([{ type }]) => type))
    .toEqual(["refreshStarted", "adopted"])
})
