/** A provider that replaces the refresh token at once and responds late. */
import type { Browser } from "playwright-core"
import { launchChromium } from "../../../packages/mock-server/test/chromium.ts"
import { type BrowserPeer, browserPeers } from "../browser/BrowserPeer.ts"
import { Visit } from "../browser/Visit.ts"
import { nameAndVersion } from "../harness/machine.ts"
import { runProgram } from "../harness/runProgram.ts"
import { number, table } from "../harness/table.ts"
import { peers } from "../peers/index.ts"
import type { Subject } from "./Subject.ts"

interface Observed {
  readonly name: string
  /** What the call gets that meets the slow provider. */
  readonly first: string
  readonly seconds: number
  readonly requests: number
  readonly refused: number
  /** What the next call gets, from a provider that is quick again. */
  readonly next: string
  readonly isLost: boolean
}

const program = new URL("../programs/slowProvider.ts", import.meta.url)

const inBrowser = async (browser: Browser, peer: BrowserPeer, delay: number): Promise<Observed> => {
  const visit = await Visit.start(browser, peer)
  try {
    const page = await visit.logIn()
    visit.endpoint.always = { delay }
    const startedAt = performance.now()
    const first = await visit.call(page, "renew")
    const seconds = (performance.now() - startedAt) / 1000
    const requests = visit.refreshes
    const { refusals: refused } = visit.endpoint
    visit.endpoint.always = undefined
    const shown = await visit.settled(page)
    const next = await visit.call(page, "renew").catch(() => ["failed"] as const)
    const told = (outcomes: typeof first) => (outcomes?.[0] === "done" ? "a token" : "an error")
    const isLost = next?.[0] !== "done" || visit.endpoint.refusals > refused
    return {
      name: peer.packages[0],
      first: `${told(first)}; the page shows "${shown}"`,
      seconds,
      requests,
      refused,
      next: told(next),
      isLost,
    }
  } finally {
    await visit.close()
  }
}

export const slowProvider: Subject = {
  name: "slow-provider",
  title: "A slow provider",
  run: async ({ quick }) => {
    const delay = quick ? 1500 : 12_000
    const browser = await launchChromium()
    const [onNode, onPage] = await Promise.all([
      runProgram<Observed>(program, { args: [String(delay)] }),
      browser === undefined ? [] : Promise.all(browserPeers.map((peer) => inBrowser(browser, peer, delay))),
    ])
    await browser?.close()
    const observed = [...onNode.toSorted((a, b) => order(a) - order(b)), ...onPage]
    const rows = observed.map(({ first, isLost, name, next, refused, requests, seconds }) => [
      nameAndVersion(name),
      first,
      number(seconds, 0),
      number(requests),
      number(refused),
      next,
      isLost ? "lost" : "kept",
    ])
    return {
      text: `A token has expired. The provider replaces the refresh token at once, and its response takes ${number(delay / 1000, quick ? 1 : 0)} seconds, really waited for. Then it is quick again, and the app asks once more. A login is lost where the refresh token that the library then has is refused. One call of each library; the browser ones renew in Chromium.

${table(["", "the call gets", "after, s", "requests", "of them refused", "the next call gets", "the login is"], rows, "left")}`,
      data: { delay, observed },
    }
  },
}

/** They end in any order. */
const order = ({ name }: Observed): number => peers.findIndex((peer) => peer.name === name)
