/** Ten tabs of one user who does everything at random, in Chromium: a short run; `chaos:tabs` has the long one. */
import { afterAll, describe, expect, it } from "vitest"
import { launchChromium } from "../../../mock-server/test/chromium.js"
import type { Setup } from "./Happening.js"
import { busiestSecond, judgeTabs } from "./judgeTabs.js"
import { runTabs } from "./runTabs.js"
import type { Told } from "./TabsWorld.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

const storages: readonly Setup["options"][] = [
  { storage: "memory" },
  { storage: "session", persistRefreshToken: true },
  { storage: "local" },
  { storage: "local", persistRefreshToken: true },
]

describe.skipIf(browser === undefined)("tabs at random, in Chromium", { timeout: 300_000 }, () => {
  it.each(storages)(
    "use no refresh token twice, sign nobody out, cause no storm and agree: %j",
    async (options) => {
      if (browser === undefined) throw new Error("no browser")
      const report = await runTabs(browser, { options, tabs: 10, seed: 7, goOn: (done) => done < 100 })
      expect(report.defects).toEqual([])
      expect(report.logins).toBeGreaterThan(0)
    },
  )
})

describe("the judge", () => {
  const event = (tab: number, at: number, reason: string): Told => ({
    tab,
    at,
    happening: { type: "event", event: "signedOut", reason },
  })
  const refresh = (tab: number, at: number, type: "refreshSent" | "refreshReceived"): Told => ({
    tab,
    at,
    happening: { type, refreshToken: "token" },
  })
  const options = { storage: "local", persistRefreshToken: true } as const

  it("finds a refresh token that was used twice, unless its page ended", () => {
    const told = [
      refresh(1, 10_000, "refreshSent"),
      refresh(1, 10_050, "refreshReceived"),
      refresh(2, 20_000, "refreshSent"),
    ]
    const end = { name: "reload", tab: 1, from: 10_020, to: 10_200 } as const
    expect(judgeTabs(told, [], options)).toHaveLength(1)
    expect(judgeTabs(told, [end], options)).toEqual([])
    expect(judgeTabs(told, [{ ...end, tab: 2 }], options)).toHaveLength(1)
    expect(judgeTabs(told, [{ ...end, from: 15_000, to: 15_100 }], options)).toHaveLength(1)
  })

  it("finds a sign-out without a cause", () => {
    const logOut = { name: "logOut", tab: 1, from: 9_900, to: 9_990 } as const
    for (const [reason, tab] of [
      ["logout", 1],
      ["elsewhere", 2],
    ] as const) {
      const told = [event(tab, 10_000, reason)]
      expect(judgeTabs(told, [logOut], options)).toEqual([])
      expect(judgeTabs(told, [], options)).toHaveLength(1)
      expect(judgeTabs(told, [{ ...logOut, to: 1_000 }], options)).toHaveLength(1)
    }
    expect(judgeTabs([event(2, 10_000, "logout")], [logOut], options)).toHaveLength(1)
    for (const reason of ["expired", "revoked"]) {
      expect(judgeTabs([event(1, 10_000, reason)], [], options)).toHaveLength(1)
    }
  })

  it("accepts that a token expires in a tab without a refresh token, and in no other", () => {
    const [expired, kept] = [event(1, 10_000, "expired"), refresh(1, 5_000, "refreshReceived")]
    expect(judgeTabs([expired], [], { storage: "local" })).toEqual([])
    expect(judgeTabs([kept, expired], [], { storage: "local" })).toHaveLength(1)
    expect(judgeTabs([expired], [], { storage: "memory" })).toHaveLength(1)
    const reload = { name: "reload", tab: 1, from: 4_900, to: 5_300 } as const
    expect(judgeTabs([kept, expired], [reload], { storage: "local" })).toEqual([])
    expect(judgeTabs([kept, expired], [{ ...reload, to: 4_990 }], { storage: "local" })).toHaveLength(1)
  })

  it("accepts that a token expires in a tab that refreshed it while the user logged in again in another tab", () => {
    const login: Told = { tab: 2, at: 5_000, happening: { type: "event", event: "tokenIssued" } }
    const refreshed = [refresh(1, 5_500, "refreshReceived"), event(1, 10_000, "expired")]
    const [before, after] = [refresh(1, 4_000, "refreshSent"), refresh(1, 5_100, "refreshSent")]
    expect(judgeTabs([before, login, ...refreshed], [], { storage: "local" })).toEqual([])
    expect(judgeTabs([login, after, ...refreshed], [], { storage: "local" })).toHaveLength(1)
  })

  it("finds a storm, and not a tab of a very active user", () => {
    const told = Array.from({ length: 60 }, (_, index) => refresh(1, 10_000 + index, "refreshReceived"))
    const act = { name: "tick", tab: 2, from: 10_100, to: 10_200 } as const
    expect(judgeTabs(told, [], options)).toEqual(["tab 1 told 60 events in one second"])
    expect(judgeTabs(told, new Array(20).fill(act), options)).toEqual([])
    expect(judgeTabs(told, new Array(20).fill({ ...act, from: 11_000, to: 11_100 }), options)).toHaveLength(1)
  })

  it("finds the busiest second of one tab", () => {
    const told = [1, 1, 1, 2, 2].map((tab, index) => event(tab, 5_000 + index, "logout"))
    expect(busiestSecond([...told, event(1, 6_500, "logout")])).toBe(3)
    expect(busiestSecond([])).toBe(0)
  })
})
