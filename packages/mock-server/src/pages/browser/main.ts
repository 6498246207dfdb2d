/** The script of the dashboard: polls for changes and draws them. */
import type { FeedUpdate } from "../DashboardFeed.js"
import { drawConnect } from "./connect.js"
import { drawControl, drawPending } from "./control.js"
import { byId, clockTime, inWords, setText } from "./elements.js"
import { drawCountdowns, drawFamilies } from "./families.js"
import { clearTimeline, drawTimeline } from "./timeline.js"

const state = {
  generation: "",
  version: -1,
  latest: 0,
  now: 0,
  isClockStopped: true,
  clockOffset: 0,
  received: 0,
}

const serverNow = (): number => state.now + (state.isClockStopped ? 0 : performance.now() - state.received)

const drawClock = (): void => {
  const words = [clockTime(serverNow())]
  if (state.isClockStopped) words.push("clock stopped")
  if (Math.abs(state.clockOffset) >= 1_000) {
    words.push(`moved ${state.clockOffset > 0 ? "+" : "−"}${inWords(Math.abs(state.clockOffset))}`)
  }
  setText(byId("clock"), words.join(" · "))
  drawCountdowns(serverNow())
}

const showConnected = (yes: boolean): void => {
  document.body.className = yes ? "on" : "off"
  setText(byId("connection"), yes ? "live" : "server not reached, trying again")
}

const apply = (feed: FeedUpdate): void => {
  if (feed.generation !== state.generation) {
    clearTimeline()
    drawConnect(feed)
    drawControl(feed)
  }
  const { generation, version, latest, now, isClockStopped, clockOffset } = feed
  Object.assign(state, {
    generation,
    version,
    latest,
    now,
    isClockStopped,
    clockOffset,
    received: performance.now(),
  })
  drawTimeline(feed)
  drawFamilies(feed)
  drawPending(feed)
  drawClock()
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })

const requestFeed = async (): Promise<FeedUpdate> => {
  const { generation, version, latest } = state
  const query = new URLSearchParams({ generation, version: String(version), after: String(latest) })
  const response = await fetch(`/__page/feed?${query}`, { cache: "no-store" })
  if (!response.ok) throw new Error(String(response.status))
  return response.json()
}

const poll = async (): Promise<never> => {
  for (let failures = 0; ; ) {
    try {
      const feed = await requestFeed()
      apply(feed)
      showConnected(true)
      failures = 0
      await pause(Math.max(100, 10 * feed.cost))
    } catch (error) {
      showConnected(false)
      failures += 1
      if (failures === 1) console.warn(error)
      await pause(Math.min(3_000, 250 * 2 ** failures))
    }
  }
}

setInterval(drawClock, 1_000)
void poll()
