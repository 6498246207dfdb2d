/** The recipes with the real packages, in Chromium. */
import type { MockServer } from "@ellipsis-oauth/mock-server"
import type { Path } from "ellipsis-js-util"
import type { Map as MapLibreMap } from "maplibre-gl"
import type { Page } from "playwright-core"
import { afterAll, describe, expect, it } from "vitest"
import { launchChromium } from "../../../packages/mock-server/test/chromium.js"
import { bundle, grants, startScenario, statusIs } from "../../../packages/react/test/browser/scenario.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

const script = await bundle(new URL("page.ts", import.meta.url).href)
const mapWorker = await bundle(import.meta.resolve("maplibre-gl/dist/maplibre-gl-worker.mjs"))

const login = "authorization_code granted"
const refreshed = "refresh_token granted"

const start = async () => {
  const scenario = await startScenario(browser, { script })
  const page = await scenario.signIn()
  await useWorker(page)
  return { scenario, page, server: scenario.server }
}

const useWorker = (page: Page) =>
  page.evaluate((worker) => {
    window.MapLibre.setWorkerUrl(URL.createObjectURL(new Blob([worker], { type: "text/javascript" })))
  }, mapWorker)

/** Requests of the API below `/path`, with what became of each. */
const pathRequests = (server: MockServer) =>
  server.log.filter(({ endpoint, method }) => endpoint === "path" && method === "GET")

const statuses = (server: MockServer) => new Set(pathRequests(server).map(({ status }) => status))

const tokensInUrls = (server: MockServer) =>
  server.log.filter(({ parameters }) => "token" in parameters || "access_token" in parameters)

/** Two hours later the access token has expired, at the server and in the page. */
const later = async (server: MockServer, page: Page) => {
  server.clock.advance("2 hours")
  await page.evaluate(() => Object.assign(window, { ahead: (window.ahead ?? 0) + 2 * 3_600_000 }))
}

describe.skipIf(browser === undefined)(
  "layers of the drive, with ellipsis-js-util",
  { timeout: 60_000 },
  () => {
    it("calls of the API take the token of the moment", async () => {
      const { scenario, page, server } = await start()
      await using _ = scenario
      const type = () =>
        page.evaluate(async () => (await window.recipes.getLayer(window.client, "demo-raster")).type)
      expect(await type()).toBe("raster")
      await later(server, page)
      expect(await type()).toBe("raster")
      expect(statuses(server)).toEqual(new Set([200]))
      expect(grants(server)).toEqual([login, refreshed])
    })

    it("Leaflet shows a raster layer, before and after the token has rotated, without a token in a URL", async () => {
      const { scenario, page, server } = await start()
      await using _ = scenario
      await page.evaluate(async () => {
        const { Leaflet, client, recipes } = window
        const layer = recipes.leafletRaster(client, await recipes.getLayer(client, "demo-raster"))
        let errors = 0
        layer.on("tileerror", () => errors++)
        const map = Leaflet.map("map").setView([52, 5], 4)
        layer.addTo(map)
        Object.assign(window, { map, layer, errors: () => errors })
      })
      await expect.poll(() => page.evaluate("layer.isLoading()")).toBe(false)
      const before = pathRequests(server).length
      expect(before).toBeGreaterThan(1)
      await later(server, page)
      await page.evaluate("map.panBy([900, 0], { animate: false })")
      await expect.poll(() => page.evaluate("layer.isLoading()")).toBe(false)
      expect(pathRequests(server).length).toBeGreaterThan(before)
      expect(await page.evaluate("errors()")).toBe(0)
      expect(statuses(server)).toEqual(new Set([200]))
      expect(tokensInUrls(server)).toEqual([])
      expect(grants(server)).toEqual([login, refreshed])
    })

    it("MapLibre shows a raster layer, before and after the token has rotated, without a token in a URL", async () => {
      const { scenario, page, server } = await start()
      await using _ = scenario
      await page.evaluate(async () => {
        const { client, recipes } = window
        const container = document.querySelector<HTMLElement>("#map")
        if (container === null) throw new Error("no #map")
        const layer = await recipes.getLayer(client, "demo-raster")
        const map = recipes.mapLibreRaster(client, container, layer)
        const errors: string[] = []
        map.on("error", ({ error }) => errors.push(error.message))
        Object.assign(window, { map, errors })
        await map.once("idle")
      })
      const before = pathRequests(server).length
      await later(server, page)
      await page.evaluate(async () => {
        const { map } = window as unknown as { map: MapLibreMap }
        map.jumpTo({ center: [60, 30], zoom: 5 })
        await map.once("idle")
      })
      expect(pathRequests(server).length).toBeGreaterThan(before)
      expect(await page.evaluate("errors")).toEqual([])
      expect(statuses(server)).toEqual(new Set([200]))
      expect(tokensInUrls(server)).toEqual([])
      expect(grants(server)).toEqual([login, refreshed])
    })

    it("a vector layer loads its features with each new token", async () => {
      const { scenario, page, server } = await start()
      await using _ = scenario
      const failures: string[] = []
      page.on("pageerror", (error) => failures.push(error.message))
      await page.evaluate(async () => {
        const { MapLibre, client, recipes } = window
        const map = new MapLibre.Map({
          container: "map",
          center: [5, 52],
          zoom: 6,
          style: {
            version: 8,
            sources: { drive: { type: "geojson", data: { type: "FeatureCollection", features: [] } } },
            layers: [{ id: "drive", type: "circle", source: "drive" }],
          },
        })
        await map.once("load")
        const stop = await recipes.mapLibreVector(client, map, "demo-vector", "drive")
        Object.assign(window, { map, stop })
      })
      const names = () =>
        page.evaluate(() => {
          const { map } = window as unknown as { map: MapLibreMap }
          return map.querySourceFeatures("drive").map(({ properties }) => properties["name"])
        })
      await expect.poll(names).toContain("Utrecht")

      await later(server, page)
      await page.evaluate(() => window.client.getAccessToken())
      await page.evaluate("map.jumpTo({ center: [-77, -12] })")
      await expect.poll(names).toContain("Lima")
      expect(statuses(server)).toEqual(new Set([200]))
      expect(tokensInUrls(server)).toEqual([])

      // A request that failed with a dead token is made again with the new one.
      await later(server, page)
      await page.evaluate("map.jumpTo({ center: [36.8, -1.3] })")
      await expect.poll(() => [...statuses(server)]).toContain(401)
      await page.evaluate(() => window.client.getAccessToken())
      await expect.poll(names).toContain("Nairobi")
      const requests = pathRequests(server).length
      await page.evaluate("stop(); map.jumpTo({ center: [100, 0] })")
      await page.evaluate(() => window.client.getAccessToken({ force: true }))
      expect(pathRequests(server)).toHaveLength(requests)
      expect(failures).toEqual([])
      expect(grants(server)).toEqual([login, refreshed, refreshed, refreshed])
    })

    it("a token that a package wrote into a URL is taken out, at the API alone", async () => {
      const { scenario, page, server } = await start()
      await using _ = scenario
      const urls = [
        `${server.url}/ogc/mvt/a/0/0/0?style=s&token=dead`,
        "https://elsewhere.example/?token=theirs",
      ]
      const requests = await page.evaluate(
        (urls) => Promise.all(urls.map(window.recipes.withoutTokenInUrl(window.client))),
        urls,
      )
      expect(requests).toEqual([
        {
          url: `${server.url}/ogc/mvt/a/0/0/0?style=s`,
          headers: { Authorization: `Bearer ${await page.evaluate(() => window.client.peekAccessToken())}` },
        },
        { url: "https://elsewhere.example/?token=theirs" },
      ])
    })

    it("the picker logs in by a popup, and browses with the token of the moment", async () => {
      await using scenario = await startScenario(browser, { script })
      const { server } = scenario
      const page = await scenario.open()
      await statusIs(page, "signedOut")
      await page.evaluate(() => {
        const { client, recipes } = window
        const picked: string[] = []
        const div = document.querySelector<HTMLElement>("#drive")
        if (div === null) throw new Error("no #drive")
        const cb = ({ id }: Path) => picked.push(id)
        const close = recipes.openPicker({ client, Picker: recipes.DrivePicker, div, cb })
        Object.assign(window, { picked, close })
      })
      await page.getByRole("button", { name: "Log in" }).click()
      await page.getByRole("button", { name: "My Drive" }).click()
      await page.getByRole("button", { name: "Demo raster layer raster" }).click()

      await later(server, page)
      await page.evaluate(() => window.client.getAccessToken())
      await page.getByRole("button", { name: "Demo folder" }).click()
      await page.getByRole("button", { name: "Demo vector layer vector" }).click()
      expect(await page.evaluate("picked")).toEqual(["demo-raster", "demo-vector"])
      await page.getByRole("searchbox").fill("vector")
      await page.getByRole("button", { name: "Demo vector layer vector" }).click()
      expect(await page.evaluate("picked")).toEqual(["demo-raster", "demo-vector", "demo-vector"])
      expect(statuses(server)).toEqual(new Set([200]))
      expect(tokensInUrls(server)).toEqual([])
      expect(grants(server)).toEqual([login, refreshed])

      await page.evaluate(() => window.client.logout())
      await page.getByRole("button", { name: "Log in" }).waitFor()
      expect(await page.getByText("My Drive").count()).toBe(0)
      await page.evaluate("close()")
      expect(await page.locator("#drive *").count()).toBe(0)
    })

    it("a picker whose prompt fails has a button for the login all the same", async () => {
      await using scenario = await startScenario(browser, { script })
      const page = await scenario.open()
      await statusIs(page, "signedOut")
      await page.evaluate(() => {
        const { client, recipes } = window
        const div = document.querySelector<HTMLElement>("#drive")
        if (div === null) throw new Error("no #drive")
        class Picker extends recipes.DrivePicker {
          constructor(options: ConstructorParameters<typeof recipes.DrivePicker>[0]) {
            super(options)
            if (!("token" in options)) throw new ReferenceError("setting is not defined")
          }
        }
        recipes.openPicker({ client, Picker, div })
      })
      await page.getByRole("button", { name: "Log in" }).click()
      await page.getByRole("button", { name: "My Drive" }).waitFor()
      expect(await page.getByRole("button", { name: "Log in" }).count()).toBe(0)
    })
  },
)
