import { test } from "@ellipsis-oauth/mock-server/vitest"
import { describe, expect } from "vitest"
import { signIn } from "./signIn.js"

describe("an app with two users", () => {
  test.override("mockServerOptions", {
    users: [
      { id: "1", username: "ada" },
      { id: "2", username: "grace" },
    ],
  })

  test("each has a token of their own", async ({ mockServer }) => {
    mockServer.authorize.next({ user: "grace" }) // who approves the next login
    const grace = await signIn(mockServer, "grace")
    const ada = await signIn(mockServer, "ada")
    for (const [session, username] of [
      [grace, "grace"],
      [ada, "ada"],
    ] as const) {
      const authorization = `Bearer ${await session.getAccessToken()}`
      const account = await mockServer.fetch(`${mockServer.url}/account`, { headers: { authorization } })
      expect(await account.json()).toMatchObject({ username })
    }
  })

  test("one who refuses is not signed in", async ({ mockServer }) => {
    mockServer.authorize.deny()
    await expect(signIn(mockServer)).rejects.toMatchObject({
      _tag: "AuthorizationErrorResponse",
      error: "access_denied",
    })
  })
})
