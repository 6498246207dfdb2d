/**
 * Tries to break the browser client with ten tabs of one user, in real Chromium: random logins, logouts, reloads, closed
 * tabs and sleep, on tokens of ten seconds. Fails where a refresh token was used twice, a user was signed out without a
 * cause, events came in a storm, or the tabs did not agree in the end.
 */
import { parseArgs } from "node:util"
import { launchChromium } from "../../../mock-server/test/chromium.js"
import type { Setup } from "./Happening.js"
import { runTabs } from "./runTabs.js"

const storages: Readonly<Record<string, Setup["options"]>> = {
  memory: { storage: "memory" },
  session: { storage: "session", persistRefreshToken: true },
  local: { storage: "local" },
  "local-persisted": { storage: "local", persistRefreshToken: true },
}

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "5" },
    tabs: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
    storages: { type: "string", default: Object.keys(storages).join(",") },
  },
})

const browser = await launchChromium()
if (browser === undefined) process.exit(1)
let defects = 0
for (const name of values.storages.split(",")) {
  const options = storages[name]
  if (options === undefined) throw new Error(`--storages takes ${Object.keys(storages).join(", ")}`)
  const end = performance.now() + Number(values.minutes) * 60_000
  const report = await runTabs(browser, {
    options,
    tabs: Number(values.tabs),
    seed: Number(values.seed),
    goOn: () => performance.now() < end,
  })
  const { seconds, defects: found, ...rest } = report
  console.log(`${name}: ${Math.round(seconds)} s, ${found.length} defects ${JSON.stringify(rest)}`)
  for (const defect of found.slice(0, 20)) console.error(`DEFECT ${name}: ${defect}`)
  defects += found.length
}
await browser.close()
process.exit(defects === 0 ? 0 : 1)
