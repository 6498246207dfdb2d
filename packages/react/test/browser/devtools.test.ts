/** The panel for developers over a client that has a token and a refresh token, in Chromium. */
import type { RefreshTokenNode } from "@ellipsis-oauth/mock-server"
import { afterAll, describe, expect, it } from "vitest"
import { launchChromium } from "../../../mock-server/test/chromium.js"
import { bundle, startScenario, statusIs } from "./scenario.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

const all = (node: RefreshTokenNode): readonly RefreshTokenNode[] => [node, ...node.children.flatMap(all)]

const script = await bundle("devtools-page.tsx")

describe.skipIf(browser === undefined)("the panel, in Chromium", { timeout: 60_000 }, () => {
  it("shows no token of a login, of refreshes, of an API's refusal and of a failure", async () => {
    await using scenario = await startScenario(browser, {
      script,
      options: { storage: "local", persistRefreshToken: true },
    })
    const { server } = scenario
    const page = await scenario.signIn()
    const other = await scenario.open()
    await statusIs(other, "ready")
    const shown: string[] = []
    const look = async () => shown.push(await page.content(), await other.content())
    await look()
    await page.evaluate(() => window.client.getAccessToken({ force: true }))
    await page.getByText("refreshed, rotated").waitFor()
    await look()
    const token = await page.evaluate(() => window.client.getAccessToken())
    server.revoke(token)
    await page.evaluate((url) => window.client.fetch(url).then(() => {}), `${server.url}/account`)
    server.faults.next("token", {
      reply: { status: 400, body: { error: "invalid_request", error_description: token } },
    })
    await page.evaluate(() => window.client.getAccessToken({ force: true }).catch(() => {}))
    await page.getByText("refreshFailed").first().waitFor()
    await look()
    const nodes = server.families.flatMap(({ refreshTokens }) => refreshTokens.flatMap(all))
    const secrets = nodes.flatMap((node) => [node, ...node.accessTokens].map((each) => each.token))
    expect(secrets.length).toBeGreaterThan(3)
    const stored = await page.evaluate(() => JSON.stringify({ ...localStorage }))
    expect(secrets.some((secret) => stored.includes(secret))).toBe(true)
    expect(secrets.filter((secret) => shown.some((html) => html.includes(secret)))).toEqual([])
  })
})
