/** The built site in Chromium: every page, narrow and wide, light and dark. */
import { execFile } from "node:child_process"
import { once } from "node:events"
import { existsSync, globSync, readFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { extname, join } from "node:path"
import { promisify } from "node:util"
import type { Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { launchChromium } from "../../packages/mock-server/test/chromium.js"

const docs = join(import.meta.dirname, "..")
const dist = join(docs, ".vitepress/dist")
const base = "/ellipsis-oauth/"

const axe = readFileSync(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8")

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
}

/** As GitHub Pages does: a path without an extension is a page. */
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? "", "http://localhost")
  const path = join(dist, pathname.startsWith(base) ? pathname.slice(base.length) : "404")
  const file = [path, `${path}.html`, join(path, "index.html")].find(
    (name) => extname(name) && existsSync(name),
  )
  if (file === undefined) response.writeHead(404).end()
  else response.writeHead(200, { "content-type": types[extname(file)] ?? "" }).end(readFileSync(file))
})

const browser = await launchChromium()

beforeAll(async () => {
  await promisify(execFile)(process.execPath, ["--run", "build:site"], { cwd: docs })
  server.listen(0)
  await once(server, "listening")
}, 900_000)

afterAll(async () => {
  await browser?.close()
  server.close()
})

const pages = () =>
  globSync("**/*.html", { cwd: dist, exclude: ["404.html"] })
    .map((file) => file.replaceAll("\\", "/").replace(/(index)?\.html$/, ""))
    .sort()

interface View {
  readonly width: number
  readonly colorScheme: "light" | "dark"
}

const open = async ({ width, colorScheme }: View) => {
  if (browser === undefined) throw new Error("no browser")
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on("pageerror", (error) => complaints.push(String(error)))
  page.on("console", (message) => {
    if (["warning", "error"].includes(message.type())) complaints.push(message.text())
  })
  const visit = async (path: string) => {
    const { port } = server.address() as AddressInfo
    await page.goto(`http://localhost:${port}${base}${path}`, { waitUntil: "networkidle" })
  }
  return { page, complaints, visit, [Symbol.asyncDispose]: () => context.close() }
}

/** What axe finds at WCAG 2.2 level AA, by rule and element. */
const violations = async (page: Page): Promise<readonly string[]> => {
  await page.evaluate(axe)
  return page.evaluate<
    string[]
  >(`axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] })
    .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ": " + target.join(" "))))`)
}

const overflow = (page: Page) =>
  page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth")

describe.skipIf(browser === undefined)("the site", { timeout: 600_000 }, () => {
  const views: readonly View[] = [
    { width: 1440, colorScheme: "light" },
    { width: 390, colorScheme: "dark" },
  ]

  it.each(views)("$width px, $colorScheme: no finding of axe, nothing wider than the page", async (view) => {
    await using tab = await open(view)
    const { page, complaints, visit } = tab
    const findings: string[] = []
    expect(pages().length).toBeGreaterThan(30)
    for (const path of pages()) {
      await visit(path)
      const found = [...(await violations(page)), ...complaints.splice(0)]
      if ((await overflow(page)) > 0) found.push(`${await overflow(page)} px wider than the page`)
      findings.push(...found.map((finding) => `${path}: ${finding}`))
    }
    expect(findings).toEqual([])
  })

  it("draws each diagram, and draws it again in the colours of the other theme", async () => {
    await using tab = await open({ width: 1440, colorScheme: "light" })
    const { page, complaints, visit } = tab
    let drawn = 0
    for (const guide of globSync("guides/*.md", { cwd: docs })) {
      const count = readFileSync(join(docs, guide), "utf8").split("```mermaid\n").length - 1
      if (count === 0) continue
      await visit(guide.replace(/\.md$/, ""))
      await page
        .locator("div.diagram svg")
        .nth(count - 1)
        .waitFor()
      expect(await page.locator("div.diagram svg").count(), guide).toBe(count)
      drawn += count
    }
    expect(drawn).toBeGreaterThan(4)
    const before = await page.locator("div.diagram").first().innerHTML()
    await page.locator(".VPNavBarAppearance .VPSwitchAppearance").click()
    await expect.poll(() => page.locator("div.diagram").first().innerHTML()).not.toBe(before)
    expect(complaints).toEqual([])
  })

  it("leads from the home page to headings that exist", async () => {
    await using tab = await open({ width: 1440, colorScheme: "light" })
    const { page, visit } = tab
    const home = readFileSync(join(docs, "index.md"), "utf8")
    const links = [...home.matchAll(/link: \/(\S+)#(\S+)/g)]
    expect(links).not.toHaveLength(0)
    for (const [, path = "", heading = ""] of links) {
      await visit(path)
      expect(await page.locator(`h2#${heading}`).count(), heading).toBe(1)
    }
  })

  it("finds an error by its tag", async () => {
    await using tab = await open({ width: 1440, colorScheme: "light" })
    const { page, visit } = tab
    await visit("")
    await page.getByRole("button", { name: "Search" }).click()
    await page.getByRole("searchbox").fill("TokenStoreError")
    await page.locator(".VPLocalSearchBox .result").first().waitFor()
    expect(await page.locator(".VPLocalSearchBox .result").first().getAttribute("href")).toContain("guides/")
  })
})
