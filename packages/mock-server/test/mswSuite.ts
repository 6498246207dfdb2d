/** Tests of the handlers in every major version of MSW. */
import { once } from "node:events"
import { get } from "node:https"
import { HttpResponse, http } from "msw"
import { setupServer } from "msw/node"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { type MswOptions, mswHandlers } from "../src/msw.js"
import { app, last, login, stillServer } from "./tokens.js"

const hosted = "https://api.ellipsis-drive.com/v3"

export const describeMsw = (version: string): void => {
  describe(`MSW ${version}`, () => {
    const msw = setupServer(http.all(/^/, () => new HttpResponse("elsewhere")))
    beforeAll(() => msw.listen())
    afterEach(() => msw.resetHandlers())
    afterAll(() => msw.close())

    /** A mock server behind the client's own base URL. */
    const start = (options?: MswOptions) => {
      const server = stillServer()
      msw.use(...mswHandlers(server, options))
      return server
    }

    it("responds at the hosted service's URL like server.fetch", async () => {
      await using server = start()
      const { refreshToken } = await login(server)
      const request = () => ({
        method: "POST",
        body: new URLSearchParams({ grant_type: "refresh_token", refresh_token: refreshToken, ...app }),
      })
      const inProcess = await server.fetch(`${server.url}/oauth/token`, request())
      const [before] = server.log.slice(-1)
      const mocked = await fetch(`${hosted}/oauth/token`, request())
      expect(mocked.status).toBe(200)
      expect(Object.fromEntries(mocked.headers)).toEqual(Object.fromEntries(inProcess.headers))
      const opaque = { access_token: expect.stringMatching(/^[\w-]{40}$/) }
      expect(await mocked.json()).toEqual(Object.assign(JSON.parse(await inProcess.text()), opaque))
      expect({ ...last(server), number: 0 }).toEqual({ ...before, number: 0 })
    })

    it.each([
      "http://localhost:8080/api/v3",
      "http://[::1]:8080/v3/",
      "https://Drive.example.com/a%20b(c)+$",
    ])("answers at the base URL %s, and nowhere else", async (baseUrl) => {
      await using server = start({ baseUrl })
      const base = baseUrl.replace(/\/$/, "")
      expect((await fetch(`${base}/account?x=1`)).status).toBe(401)
      expect((await fetch(`${base}/nothing`)).status).toBe(404)
      expect(server.log.map(({ path }) => path)).toEqual(["/v3/account", "/v3/nothing"])
      for (const url of [`${base}x/account`, `${hosted}/account`, base.toUpperCase()])
        expect(await (await fetch(url)).text()).toBe("elsewhere")
      expect(server.log).toHaveLength(2)
    })

    it("gives precedence to earlier handlers", async () => {
      await using server = start()
      msw.use(http.get(`${hosted}/path/list`, () => HttpResponse.json({ result: [] })))
      expect(await (await fetch(`${hosted}/path/list`)).json()).toEqual({ result: [] })
      expect((await fetch(`${hosted}/account`)).status).toBe(401)
      expect(server.log).toHaveLength(1)
    })

    it("redirects", async () => {
      await using _server = start()
      const redirect = await fetch(
        `${hosted}/oauth/authorize?response_type=code&client_id=demo-app&state=s`,
        {
          redirect: "manual",
        },
      )
      expect([redirect.status, redirect.headers.get("location")]).toEqual([
        302,
        expect.stringMatching(/^http:\/\/localhost:3000\/callback\?code=[\w-]{36}&state=s$/),
      ])
    })

    it("reads bodies as strictly, and stops reading bodies that are too long", async () => {
      await using _server = start()
      const init = { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" } }
      const statuses = []
      for (const body of [Uint8Array.of(0xff), "x".repeat(1_048_576), null])
        statuses.push((await fetch(`${hosted}/oauth/token`, { ...init, body })).status)
      expect(statuses).toEqual([400, 413, 400])
    })

    it("fails as a network does, in fetch and in node:http", async () => {
      await using server = start()
      const { refreshToken } = await login(server)
      const refresh = () =>
        fetch(`${hosted}/oauth/token`, {
          method: "POST",
          body: new URLSearchParams({ grant_type: "refresh_token", refresh_token: refreshToken, ...app }),
        })
      const lost = { at: "afterCommit", wire: "reset" } as const
      server.faults.next("token", { wire: "reset" }, { wire: "close" }, lost, { wire: "closeInBody" })
      for (let i = 0; i < 3; i++) await expect(refresh()).rejects.toThrow(TypeError)
      // MSW 2 fails in the body, MSW 3 already before it.
      await expect(refresh().then((half) => half.text())).rejects.toThrow(TypeError)
      expect(server.log.slice(-4).map(({ decision }) => decision)).toEqual([
        "skipped",
        "skipped",
        "granted",
        "granted",
      ])

      server.faults.next("account", { wire: "reset" })
      await expect(once(get(`${hosted}/account`), "response")).rejects.toThrow()
    })

    it("lets client and server end a request that gets no response", async () => {
      const server = start()
      const logged = () =>
        new Promise<void>((resolve) => {
          const end = server.subscribe(() => {
            end()
            resolve()
          })
        })
      server.faults.always("account", { wire: "hang" })
      const arrived = logged()
      const abort = new AbortController()
      const aborted = fetch(`${hosted}/account`, { signal: abort.signal })
      await arrived
      abort.abort(new Error("enough"))
      await expect(aborted).rejects.toThrow("enough")

      const next = logged()
      const hung = expect(fetch(`${hosted}/account`)).rejects.toThrow(TypeError)
      await next
      await server.close()
      await hung
      await expect(fetch(`${hosted}/account`)).rejects.toThrow(TypeError)
    })

    it("sends a slow body on the clock", async () => {
      await using server = start()
      server.faults.next("account", {
        slowBody: { pause: "1 second", chunk: 5 },
        reply: { body: "0123456789ab" },
      })
      const text = fetch(`${hosted}/account`).then((response) => response.text())
      for (let i = 0; i < 3; i++) {
        await server.clock.untilWaiting()
        server.clock.advance("1 second")
      }
      expect(await text).toBe("0123456789ab")
    })
  })
}
