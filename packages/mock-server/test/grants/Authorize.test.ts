import { describe, expect, it } from "vitest"
import { createApprovals } from "../../src/grants/Approvals.js"
import { OptionError } from "../../src/index.js"
import { resolveOptions } from "../../src/protocol/Settings.js"
import { last, stillServer } from "../tokens.js"

describe("server.authorize", () => {
  it("returns a code and the redirect that a browser would follow", async () => {
    await using server = stillServer()
    const { code, redirectUrl } = server.authorize({ clientId: "demo-app", state: "a b&c" })
    expect(Object.fromEntries(new URL(redirectUrl).searchParams)).toEqual({ code, state: "a b&c" })
    expect(last(server)).toMatchObject({
      endpoint: "authorize",
      method: "direct",
      decision: "granted",
      clientId: "demo-app",
    })
  })

  it("returns the redirect of a refusal, and does not affect the next user", async () => {
    await using server = stillServer()
    const { redirectUrl } = server.authorize.deny({ clientId: "demo-app", state: "x" })
    expect(Object.fromEntries(new URL(redirectUrl).searchParams)).toEqual({
      error: "access_denied",
      error_description: "The user has refused access.",
      state: "x",
    })
    expect(last(server)).toMatchObject({ decision: "refused", error: "access_denied" })
    const visit = await server.fetch(`${server.url}/oauth/authorize?response_type=code&client_id=demo-app`)
    expect(visit.headers.get("location")).toContain("code=")
  })

  it.each([
    [
      { clientId: "nobody" },
      /^Option "authorize.clientId" must be demo-app or demo-spa, got "nobody"\. No client/,
    ],
    [{ clientId: "demo-app", redirectUri: "https://evil.example" }, /redirect_uri/],
    [
      { clientId: "demo-app", state: "s".repeat(51) },
      /^Option "authorize.state" must be at most 50 characters, got "51 characters"\./,
    ],
    [{ clientId: "demo-app", state: "" }, /^Option "authorize\.state" must be .*, got ""/],
    [{ clientId: "demo-app", codeChallenge: "short" }, /code_challenge/],
    [{ clientId: "demo-app", user: "nobody" }, /^Option "authorize\.user" must be demo, got "nobody"\.$/],
    [{ clientId: "demo-app", redirectURI: "x" }, /^Option "authorize\.redirectURI" is not known/],
  ])("fails where the provider would refuse: %j", (options, message) => {
    const server = stillServer()
    expect(() => server.authorize(options)).toThrow(OptionError)
    expect(() => server.authorize(options)).toThrow(message)
    expect(server.log).toEqual([])
  })

  it("refuses an invalid decision", () => {
    const server = stillServer()
    expect(() => server.authorize.next("maybe" as never)).toThrow(/"approve", "deny" or \{ user \}/)
    expect(() => server.authorize.next({ user: "nobody" })).toThrow(OptionError)
  })
})

describe("the log of server.authorize", () => {
  const options = {
    clientId: "demo-app",
    redirectUri: "http://localhost:3000/callback",
    scope: "projects",
    state: "a-state",
    codeChallenge: "a".repeat(43),
    codeChallengeMethod: "plain",
  } as const
  const entry = {
    number: 1,
    endpoint: "authorize",
    method: "direct",
    path: "",
    status: 302,
    parameters: {
      response_type: "code",
      client_id: "demo-app",
      redirect_uri: "http://localhost:3000/callback",
      scope: "projects",
      state: "a-state",
      code_challenge: "a".repeat(43),
      code_challenge_method: "plain",
    },
    clientId: "demo-app",
  }

  it("tells that the test approved", () => {
    const server = stillServer()
    server.authorize(options)
    expect(server.log).toEqual([
      {
        ...entry,
        time: server.clock.now(),
        decision: "granted",
        reason: "The test approved as demo; a code was issued.",
      },
    ])
  })

  it("tells that the test refused", () => {
    const server = stillServer()
    server.authorize.deny(options)
    expect(server.log).toEqual([
      {
        ...entry,
        time: server.clock.now(),
        decision: "refused",
        error: "access_denied",
        reason: "The test refused.",
      },
    ])
  })
})

describe("the options of server.authorize", () => {
  const users = [
    { id: "1", username: "ada" },
    { id: "2", username: "grace" },
  ]

  it.each(
    ["clientId", "redirectUri", "scope", "state", "codeChallenge", "codeChallengeMethod"].flatMap((name) => [
      [name, "", '""'] as const,
      [name, 5, "5"] as const,
      [name, null, "null"] as const,
    ]),
  )("are strings that are not empty: %s, not %j", (name, value, got) => {
    const server = stillServer()
    const message = `Option "authorize.${name}" must be a string that is not empty, got ${got}.`
    const options = { clientId: "demo-app", [name]: value } as never
    expect(() => server.authorize(options)).toThrow(message)
    expect(() => server.authorize.deny(options)).toThrow(message)
  })

  it.each([
    [undefined, "nothing"],
    [null, "null"],
    ["demo-app", '"demo-app"'],
  ])("are an object, not %j", (options, got) => {
    const server = stillServer()
    expect(() => server.authorize(options as never)).toThrow(
      `Option "authorize" must be { clientId, … }, got ${got}.`,
    )
  })

  it.each([
    [{}, "authorize.clientId", "demo-app or demo-spa", '"nothing"', "There is no client_id."],
    [
      { clientId: "demo-app", redirectUri: "https://evil.example/" },
      "authorize.redirectUri",
      "http://localhost:3000/callback or http://localhost:<any port>/callback or http://localhost:<any port>/auth/callback",
      '"https://evil.example/"',
      "redirect_uri is not registered for this client. It must match exactly.",
    ],
    [
      { clientId: "demo-app", scope: "everything" },
      "authorize.scope",
      "projects",
      '"everything"',
      "A scope is unknown.",
    ],
    [
      { clientId: "demo-app", codeChallenge: "short" },
      "authorize.codeChallenge",
      "43 to 50 unreserved characters (method plain)",
      '"5 characters"',
      "code_challenge is malformed, or longer than the provider can store.",
    ],
    [
      { clientId: "demo-app", codeChallenge: "a".repeat(43), codeChallengeMethod: "s256" },
      "authorize.codeChallengeMethod",
      "S256 or plain",
      '"s256"',
      "The transform algorithm is not supported.",
    ],
  ])(
    "are checked like a request, and the message has the name of the option: %j",
    (options, option, takes, got, reason) => {
      const server = stillServer()
      expect(() => server.authorize(options as never)).toThrow(
        expect.objectContaining({
          name: "OptionError",
          option,
          takes,
          message: `Option "${option}" must be ${takes}, got ${got}. ${reason}`,
        }),
      )
    },
  )

  it.each([
    ["1", "ada"],
    ["2", "grace"],
    ["ada", "ada"],
    ["grace", "grace"],
    [undefined, "ada"],
  ])("name the user by id or by name: %s", (user, username) => {
    const server = stillServer({ users })
    server.authorize({ clientId: "demo-app", ...(user !== undefined && { user }) })
    expect(last(server).reason).toBe(`The test approved as ${username}; a code was issued.`)
  })

  it("name the users that exist", () => {
    const server = stillServer({ users })
    expect(() => server.authorize({ clientId: "demo-app", user: "nobody" })).toThrow(
      'Option "authorize.user" must be ada or grace, got "nobody".',
    )
    expect(() => server.authorize.next({ user: "nobody" })).toThrow(
      'Option "authorize.next.user" must be ada or grace, got "nobody".',
    )
  })

  it.each([
    ["maybe", '"maybe"'],
    [null, "null"],
    [undefined, "nothing"],
  ])("for the next user are a decision, not %j", (decision, got) => {
    const server = stillServer()
    expect(() => server.authorize.next(decision as never)).toThrow(
      `Option "authorize.next" must be "approve", "deny" or { user }, got ${got}.`,
    )
  })
})

describe("the planned decisions", () => {
  const settings = resolveOptions({
    users: [
      { id: "1", username: "ada" },
      { id: "2", username: "grace" },
    ],
  })

  it("are told in plain words, and taken in order", () => {
    const approvals = createApprovals(settings)
    approvals.next("deny")
    approvals.next("approve")
    approvals.next({ user: "2" })
    expect(approvals.pending).toEqual([
      "The next login: the user refuses.",
      "The next login: approved as ada.",
      "The next login: approved as grace.",
    ])
    expect([approvals.take(), approvals.take(), approvals.take(), approvals.take()]).toEqual([
      "deny",
      { user: settings.users[0] },
      { user: settings.users[1] },
      undefined,
    ])
  })

  it("are forgotten all at once", () => {
    const approvals = createApprovals(settings)
    approvals.next("deny")
    approvals.clear()
    expect([approvals.pending, approvals.take()]).toEqual([[], undefined])
  })
})
