// Where the `fetch` follows redirects itself, as those of browsers do. What Node does is in its package.
import { describe, expect, test } from "vitest"
import { authorizedFetch } from "../../src/promise/index.js"
import { rejection } from "../sessions.js"

interface Seen {
  readonly url: string
  readonly authorization: string | null
  readonly body: unknown
  readonly redirect: string | undefined
  readonly isRequest: boolean
}

interface Setup {
  readonly respond: (seen: Seen, count: number) => Response
  /** What each call of `getAccessToken` gives; the last one stays. */
  readonly tokens?: readonly (string | Error)[]
  readonly withoutAnotherToken?: "reject" | "return401"
  readonly isReadOnce?: boolean
}

const setUp = ({
  respond,
  tokens = ["A1", "A2"],
  withoutAnotherToken = "return401",
  isReadOnce = false,
}: Setup) => {
  const seen: Seen[] = []
  const rejected: string[] = []
  let asked = 0
  const call = authorizedFetch<typeof fetch>({
    session: {
      getAccessToken: async () => {
        const token = tokens[Math.min(asked++, tokens.length - 1)] ?? ""
        if (token instanceof Error) throw token
        return token
      },
      reportRejected: (accessToken) => rejected.push(accessToken),
    },
    authorizes: (url) => new URL(url).origin === "https://api.example",
    baseUrl: () => "https://api.example/app/",
    withoutAnotherToken,
    isReadOnce,
    fetch: async (input, init) => {
      const request = input instanceof Request ? input : undefined
      const headers = new Headers(init?.headers ?? request?.headers)
      seen.push({
        url: request?.url ?? String(input),
        authorization: headers.get("authorization"),
        body: init?.body ?? request?.body ?? undefined,
        redirect: init?.redirect ?? request?.redirect,
        isRequest: request !== undefined,
      })
      return respond(seen.at(-1) as Seen, seen.length)
    },
  })
  return { call, seen, rejected }
}

const ok = () => new Response("{}")
const refuseFirst = (_: Seen, count: number) => new Response("{}", { status: count === 1 ? 401 : 200 })

describe("the token", () => {
  test("goes to a fetch of the caller's own with a URL for a URL, and a Request for a Request", async () => {
    const { call, seen } = setUp({ respond: ok })
    await call("https://api.example/x")
    await call(new Request("https://api.example/x"))
    expect(seen).toMatchObject([{ isRequest: false }, { isRequest: true }])
  })

  test.each([
    ["https://api.example/x", "https://api.example/x"],
    ["x?y=1", "https://api.example/app/x?y=1"],
    [new URL("https://api.example/x"), "https://api.example/x"],
    [new Request("https://api.example/x"), "https://api.example/x"],
  ])("goes along with %s", async (input, url) => {
    const { call, seen } = setUp({ respond: ok })
    await call(input)
    expect(seen).toMatchObject([{ url, authorization: "Bearer A1", redirect: "follow" }])
  })

  test.each(["https://other.example/x", "http://api.example/x", new Request("https://other.example/x")])(
    "does not with %s",
    async (input) => {
      const { call, seen } = setUp({ respond: ok })
      await call(input)
      expect(seen).toMatchObject([{ authorization: null }])
    },
  )

  test("is not added to a URL that cannot be parsed, which fetch handles", async () => {
    const { call, seen } = setUp({ respond: ok })
    await call("http://[")
    expect(seen).toMatchObject([{ url: "http://[", authorization: null }])
  })

  test("is not added if the caller sets an Authorization header", async () => {
    const { call, seen } = setUp({ respond: ok })
    await call("x", { headers: { authorization: "Basic eDp5" } })
    expect(seen).toMatchObject([{ authorization: "Basic eDp5" }])
  })

  test("keeps the caller's redirect mode", async () => {
    const { call, seen } = setUp({ respond: ok })
    await call("x", { redirect: "error" })
    await call(new Request("https://api.example/x", { redirect: "manual" }))
    expect(seen).toMatchObject([{ redirect: "error" }, { redirect: "manual" }])
  })
})

describe("after a 401", () => {
  test.each([
    ["a URL", "x", undefined],
    ["a URL and a text", "x", { method: "POST", body: "text" }],
    ["a Request", new Request("https://api.example/x"), undefined],
    [
      "a Request with a body",
      new Request("https://api.example/x", { method: "POST", body: "text" }),
      undefined,
    ],
  ])("%s is sent once more, with another token", async (_, input, init) => {
    const { call, seen, rejected } = setUp({ respond: refuseFirst })
    expect((await call(input, init)).status).toBe(200)
    expect(seen.map(({ authorization }) => authorization)).toEqual(["Bearer A1", "Bearer A2"])
    expect(rejected).toEqual(["A1"])
  })

  test("the first response is closed, so that its connection is free", async () => {
    const closed: number[] = []
    const { call } = setUp({
      respond: (_, count) =>
        new Response(new ReadableStream({ cancel: () => void closed.push(count) }), {
          status: count === 1 ? 401 : 200,
        }),
    })
    await call("x")
    expect(closed).toEqual([1])
  })

  test("a second 401 is returned", async () => {
    const { call, seen, rejected } = setUp({ respond: () => new Response(null, { status: 401 }) })
    expect((await call("x")).status).toBe(401)
    expect(seen).toHaveLength(2)
    expect(rejected).toEqual(["A1", "A2"])
  })

  test("the 401 is returned if the session has no other token", async () => {
    const { call, seen } = setUp({ respond: refuseFirst, tokens: ["A1", "A1"] })
    expect((await call("x")).status).toBe(401)
    expect(seen).toHaveLength(1)
  })

  test("the 401 is returned, or the session's error is thrown, if no other token can be obtained", async () => {
    const problem = new Error("log in again")
    const given = { respond: refuseFirst, tokens: ["A1", problem] }
    expect((await setUp(given).call("x")).status).toBe(401)
    expect(await rejection(setUp({ ...given, withoutAnotherToken: "reject" }).call("x"))).toBe(problem)
    // A caller that has given up hears of that, and not of the 401.
    const controller = new AbortController()
    const aborting = setUp({
      tokens: ["A1", problem],
      respond: (...all) => {
        controller.abort()
        return refuseFirst(...all)
      },
    })
    expect(await rejection(aborting.call("x", { signal: controller.signal }))).toBe(problem)
  })

  test.each([
    ["a stream", { method: "POST", body: new Blob(["x"]).stream(), duplex: "half" }, false],
    // The streams of some browsers cannot be iterated.
    ["a stream that has only a reader", { method: "POST", body: { getReader: () => {} } }, false],
    [
      "an async iterable",
      {
        method: "POST",
        body: (async function* () {
          yield "x"
        })(),
        duplex: "half",
      },
      false,
    ],
    ["what its caller says is read once", { method: "POST", body: "text" }, true],
  ])("%s is not sent again, and the status says why", async (_, init, isReadOnce) => {
    const { call, seen } = setUp({ respond: refuseFirst, isReadOnce })
    const response = await call("x", init as never)
    expect([response.status, seen.length]).toEqual([401, 1])
    expect(response.statusText).toContain("not sent again with a fresh token")
  })

  test("a request without a body is sent again, also with isReadOnce", async () => {
    const { call, seen } = setUp({ respond: refuseFirst, isReadOnce: true })
    expect((await call("x")).status).toBe(200)
    expect(seen).toHaveLength(2)
  })

  test("a 401 of another origin, after a redirect, does not reject the token", async () => {
    const elsewhere = Object.defineProperties(new Response(null, { status: 401 }), {
      redirected: { value: true },
      url: { value: "https://other.example/x" },
    })
    const { call, seen, rejected } = setUp({ respond: () => elsewhere })
    expect((await call("x")).status).toBe(401)
    expect([seen.length, rejected]).toEqual([1, []])
  })

  test("a 401 of this origin, after a redirect, rejects the token", async () => {
    const back = (_: Seen, count: number) =>
      Object.defineProperties(new Response(null, { status: count === 1 ? 401 : 200 }), {
        redirected: { value: true },
        url: { value: "https://api.example/y" },
      })
    const { call, rejected } = setUp({ respond: back })
    expect((await call("x")).status).toBe(200)
    expect(rejected).toEqual(["A1"])
  })
})

test("the body of a 401 that is followed by another request is cancelled, so that its connection is free", async () => {
  let cancelled = 0
  const refusal = () =>
    new Response(
      new ReadableStream({
        cancel: () => {
          cancelled++
        },
      }),
      { status: 401 },
    )
  const { call } = setUp({ respond: (_, count) => (count === 1 ? refusal() : ok()) })
  expect((await call("https://api.example/x")).status).toBe(200)
  expect(cancelled).toBe(1)
})

describe("a redirect that is followed by hand", () => {
  const redirected = (location: string) => {
    const seen: Request[] = []
    const closed: string[] = []
    const call = authorizedFetch<typeof fetch>({
      session: { getAccessToken: async () => "A1", reportRejected: () => {} },
      authorizes: (url) => new URL(url).origin === "https://api.example",
      withoutAnotherToken: "reject",
      follow: async (_, response) => (response.status === 303 ? (new Request(location) as never) : undefined),
      fetch: async (input) => {
        const request = input as Request
        seen.push(request)
        const body = new ReadableStream({ cancel: () => void closed.push(request.url) })
        return new Response(body, { status: seen.length === 1 ? 303 : 200 })
      },
    })
    return { call, seen, closed }
  }

  test.each([
    ["https://api.example/b", "Bearer A1"],
    ["https://other.example/b", null],
  ])("to %s sends the token %j, and closes the first response", async (location, authorization) => {
    const { call, seen, closed } = redirected(location)
    const response = await call(new Request("https://api.example/a", { method: "POST", body: "text" }))
    expect([response.status, response.redirected]).toEqual([200, true])
    expect(seen.map(({ url, method }) => [method, url])).toEqual([
      ["POST", "https://api.example/a"],
      ["GET", location],
    ])
    expect(seen.map(({ headers }) => headers.get("authorization"))).toEqual(["Bearer A1", authorization])
    expect(closed).toEqual(["https://api.example/a"])
  })
})
