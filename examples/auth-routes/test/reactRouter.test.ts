// The two route modules in React Router's own handler of requests.
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createMockServer } from "@ellipsis-oauth/mock-server"
import { createStaticHandler } from "react-router"
import { beforeEach, expect, onTestFinished, test, vi } from "vitest"

const origin = "http://localhost:3000"

beforeEach(() => {
  const before = process.cwd()
  process.chdir(mkdtempSync(join(tmpdir(), "react-router-"))) // the sample's data/tokens.sqlite
  onTestFinished(() => process.chdir(before))
})

test("a page for users who are signed in leads to the login, and shows the account afterwards", async () => {
  const mock = await createMockServer().listen()
  onTestFinished(() => mock.close())
  vi.stubEnv("ELLIPSIS_OAUTH_BASE_URL", mock.url)
  vi.stubEnv("ELLIPSIS_OAUTH_CLIENT_SECRET", "demo-secret")
  const routes = await import("../src/reactRouter.js")
  const page = await import("../src/reactRouterAccount.js")
  const handler = createStaticHandler([
    { id: "auth", path: "auth/*", loader: routes.loader, action: routes.action },
    { id: "maps", path: "maps", loader: page.loader },
  ])

  const cookies = new Map<string, string>()
  const requestOf = (path: string) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ")
    return new Request(new URL(path, origin), { headers: { cookie } })
  }
  /** Where the response sends a browser. */
  const follow = (response: Response): string => {
    for (const line of response.headers.getSetCookie()) {
      const [name = "", value = ""] = (line.split(";")[0] ?? "").split("=")
      cookies.set(name, value)
    }
    return response.headers.get("location") ?? ""
  }

  const refused = await handler.query(requestOf("/maps?x=1"))
  if (!(refused instanceof Response)) throw new Error("the page was shown to someone who is not signed in")
  expect(refused.headers.get("x-remix-reload-document")).toBe("true")
  const login = follow(refused)
  expect(login).toBe("/auth/login?returnTo=%2Fmaps%3Fx%3D1")

  const provider = follow(await handler.queryRoute(requestOf(login)))
  const approved = await fetch(provider, { redirect: "manual" })
  const callback = approved.headers.get("location") ?? ""
  expect(follow(await handler.queryRoute(requestOf(callback)))).toBe(`${origin}/maps?x=1`)

  const shown = await handler.query(requestOf("/maps?x=1"))
  expect(shown).toMatchObject({ loaderData: { maps: { username: "demo" } } })
})
