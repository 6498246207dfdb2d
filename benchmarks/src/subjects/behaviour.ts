/** What each library does in the same situations, on Node.js and in a browser. */
import type { Browser } from "playwright-core"
import { launchChromium } from "../../../packages/mock-server/test/chromium.ts"
import { type Observed, outputRow, rejectionsRow } from "../behaviour/Row.ts"
import { rows } from "../behaviour/rows.ts"
import { type BrowserPeer, browserPeers } from "../browser/BrowserPeer.ts"
import { browserRows } from "../browser/rows.ts"
import { nameAndVersion, versionOf } from "../harness/machine.ts"
import { runProgram } from "../harness/runProgram.ts"
import { table } from "../harness/table.ts"
import { peers } from "../peers/index.ts"
import type { Subject } from "./Subject.ts"

interface ObservedRow {
  readonly id: string
  readonly group: string
  readonly title: string
  /** By the name of the library. */
  readonly observed: Readonly<Record<string, string>>
}

const program = new URL("../behaviour/observe.ts", import.meta.url)

const onNode = async (quick: boolean): Promise<readonly ObservedRow[]> => {
  const found = await Promise.all(
    peers.map(async ({ name }) => {
      const lines = await runProgram<Observed>(program, { args: quick ? [name, "quick"] : [name] })
      return { name, observed: new Map(lines.map(({ id, observed }) => [id, observed])) }
    }),
  )
  return [...rows, outputRow, rejectionsRow].flatMap(({ group, id, title }) => {
    const observed = found.flatMap(({ name, observed }) => {
      const text = observed.get(id)
      return text === undefined ? [] : [[name, text] as const]
    })
    return observed.length === 0 ? [] : [{ id, group, title, observed: Object.fromEntries(observed) }]
  })
}

/** Each has a browser context of its own; more at once would only wait for each other. */
const atOnce = 6

const inBrowser = async (browser: Browser, quick: boolean): Promise<readonly ObservedRow[]> => {
  const wanted = browserRows.filter(({ isLong }) => !(isLong === true && quick))
  const tasks = wanted.flatMap((row) => browserPeers.map((peer) => ({ row, peer })))
  const observed = new Map<string, Map<string, string>>(wanted.map(({ id }) => [id, new Map()]))
  const work = async (): Promise<void> => {
    for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) {
      const { peer, row } = task
      observed.get(row.id)?.set(nameOf(peer), await row.observe(browser, peer))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return wanted.map(({ id, title }) => ({
    id,
    group: "In the browser",
    title,
    observed: Object.fromEntries(observed.get(id) ?? []),
  }))
}

const nameOf = ({ packages: [name] }: BrowserPeer): string => name

const tables = (
  observed: readonly ObservedRow[],
  columns: readonly { readonly name: string; readonly title: string }[],
): string =>
  [...new Set(observed.map(({ group }) => group))]
    .map((group) => {
      const cells = observed
        .filter((row) => row.group === group)
        .map((row) => [row.title, ...columns.map(({ name }) => row.observed[name] ?? "")])
      return `## ${group}\n\n${table(["", ...columns.map(({ title }) => title)], cells, "left")}`
    })
    .join("\n\n")

const browserTitle = ({ packages }: BrowserPeer): string => packages.map(nameAndVersion).join(" with ")

export const behaviour: Subject = {
  name: "behaviour",
  title: "Behaviour, side by side",
  run: async ({ quick }) => {
    const browser = await launchChromium()
    const [node, web] = await Promise.all([
      onNode(quick),
      browser === undefined ? [] : inBrowser(browser, quick),
    ])
    await browser?.close()
    const uses = [
      ...peers.map(({ name, use }) => `- ${nameAndVersion(name)}: ${use}`),
      ...browserPeers.map((peer) => `- ${browserTitle(peer)}: ${peer.use}`),
    ]
    const nodeColumns = peers.map(({ name }) => ({ name, title: nameAndVersion(name) }))
    const browserColumns = browserPeers.map((peer) => ({ name: nameOf(peer), title: browserTitle(peer) }))
    return {
      text: `Each library ran against a provider on loopback whose token endpoint does what the row says. It replaces each refresh token and refuses one that is used again; tokens live for an hour, and the clock is moved. "Not offered": the library has no call for it. Errors are told by their name and code. "Printed" is what \`console.log\` shows. In the browser, pages are those of the libraries' own READMEs, in Chromium.

${tables(node, nodeColumns)}

${tables(web, browserColumns)}

## How each is used

As its documentation shows, with every default but these:

${uses.join("\n")}`,
      data: {
        peers: [
          ...peers.map(({ name, use }) => ({ name, version: versionOf(name), use, runsIn: "node" })),
          ...browserPeers.map((peer) => ({
            name: nameOf(peer),
            version: versionOf(nameOf(peer)),
            with: peer.packages.slice(1).map((name) => ({ name, version: versionOf(name) })),
            use: peer.use,
            runsIn: "browser",
          })),
        ],
        rows: [...node, ...web],
      },
    }
  },
}
