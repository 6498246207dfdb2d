/** What the page runs: one script, put together from the parts that draw it. */
import { connectScript } from "./dashboard-connect-script.js"
import { dashboardElements } from "./dashboard-elements.js"
import { familiesScript } from "./dashboard-families-script.js"
import { timelineScript } from "./dashboard-timeline-script.js"

/** Asks for what is new, and is answered when there is something. */
const updates = `
const state = { generation: "", version: -1, latest: 0, now: 0, still: true, ahead: 0, received: 0 }

const serverNow = () => state.now + (state.still ? 0 : performance.now() - state.received)

const drawClock = () => {
  const words = [clockTime(serverNow())]
  if (state.still) words.push("clock stands still")
  if (Math.abs(state.ahead) >= 1000) words.push("moved " + (state.ahead > 0 ? "+" : "−") + inWords(Math.abs(state.ahead)))
  setText(byId("clock"), words.join(" · "))
  drawCountdowns(serverNow())
}

const connected = (yes) => {
  document.body.className = yes ? "on" : "off"
  setText(byId("connection"), yes ? "live" : "server not reached, trying again")
}

const apply = (feed) => {
  if (feed.generation !== state.generation) {
    clearTimeline()
    drawConnect(feed)
  }
  Object.assign(state, feed, { received: performance.now() })
  drawTimeline(feed)
  drawFamilies(feed)
  drawClock()
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

const follow = async () => {
  for (let failures = 0; ; ) {
    try {
      const query = new URLSearchParams({ generation: state.generation, version: state.version, after: state.latest })
      const response = await fetch("/__page/feed?" + query, { cache: "no-store" })
      if (!response.ok) throw new Error(String(response.status))
      const feed = await response.json()
      apply(feed)
      connected(true)
      failures = 0
      await pause(Math.max(100, 10 * feed.cost))
    } catch (error) {
      connected(false)
      failures += 1
      if (failures === 1) console.warn(error)
      await pause(Math.min(3000, 250 * 2 ** failures))
    }
  }
}

setInterval(drawClock, 1000)
follow()
`

export const dashboardScript = `"use strict";{${[
  dashboardElements,
  connectScript,
  timelineScript,
  familiesScript,
  updates,
].join("")}}`
