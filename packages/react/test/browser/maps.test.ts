/** Protected tiles in real maps, in Chromium. */
import type { TileLayer } from "leaflet"
import type { Map as MapLibreMap, MapOptions } from "maplibre-gl"
import { afterAll, describe, expect, expectTypeOf, it } from "vitest"
import { launchChromium } from "../../../mock-server/test/chromium.js"
import { authorizeTiles, type transformRequest } from "../../src/index.js"
import { bundle, grants, listen, startScenario } from "./scenario.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

const mapLibraries = await bundle("maps-page.ts")

/** One pixel. */
const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
)

/** Tiles for whoever has a token that is not dead. */
const startTiles = async () => {
  const seen: (string | undefined)[] = []
  const dead = new Set<string>()
  const listener = await listen((request, response) => {
    response.setHeader("access-control-allow-origin", "*")
    response.setHeader("access-control-allow-headers", "authorization")
    if (request.method === "OPTIONS") {
      response.end()
      return
    }
    const { authorization } = request.headers
    seen.push(authorization)
    if (authorization === undefined || dead.has(authorization)) {
      response.writeHead(401).end()
      return
    }
    response.setHeader("content-type", "image/png").end(png)
  })
  return { ...listener, seen, dead }
}

const open = async (apiOrigin: string) => {
  const scenario = await startScenario(browser, { options: { apiOrigins: [apiOrigin] } })
  const page = await scenario.signIn()
  await page.addScriptTag({ content: mapLibraries, type: "module" })
  await page.waitForFunction("window.MapLibre")
  await page.evaluate(() => {
    const map = document.createElement("div")
    map.id = "map"
    map.style.cssText = "width: 300px; height: 300px"
    document.body.append(map)
  })
  return { scenario, page }
}

describe.skipIf(browser === undefined)("maps, in Chromium", { timeout: 60_000 }, () => {
  it("Leaflet: tiles are loaded with the token, also where it died, and others' tiles without", async () => {
    await using tiles = await startTiles()
    await using others = await startTiles()
    const { scenario, page } = await open(tiles.origin)
    await using _ = scenario
    const { server } = scenario
    // The map is to show no hole.
    tiles.dead.add(`Bearer ${await page.evaluate(() => window.client.peekAccessToken())}`)
    const loaded = await page.evaluate(
      async ([ours, theirs]) => {
        const { Leaflet, client, library } = window
        const map = Leaflet.map("map").setView([52, 5], 8)
        const load = (url: string) =>
          new Promise<string>((resolve) => {
            const layer = library.authorizeTiles(client, Leaflet.tileLayer(url))
            let errors = 0
            layer.on("tileerror", () => errors++)
            layer.on("load", () => {
              const images = [...document.querySelectorAll("img.leaflet-tile-loaded")] as HTMLImageElement[]
              layer.remove()
              resolve(
                `${errors > 0 ? "errors" : "complete"}, ${images.some((image) => image.naturalWidth === 1)}`,
              )
            })
            layer.addTo(map)
          })
        const results = [await load(`${ours}/{z}/{x}/{y}`), await load(`${theirs}/{z}/{x}/{y}`)]
        // Left before it is loaded: nothing goes wrong.
        const layer = library.authorizeTiles(client, Leaflet.tileLayer(`${ours}/gone/{z}/{x}/{y}`)).addTo(map)
        layer.remove()
        map.remove()
        return results
      },
      [tiles.origin, others.origin],
    )
    expect(loaded).toEqual(["complete, true", "errors, false"])
    expect(new Set(tiles.seen).size).toBe(2)
    expect(new Set(others.seen)).toEqual(new Set([undefined]))
    expect(grants(server)).toHaveLength(2)
  })

  it("MapLibre: requests get the token of the moment; without one, a new token loads the tiles again", async () => {
    await using tiles = await startTiles()
    await using others = await startTiles()
    const { scenario, page } = await open(tiles.origin)
    await using _ = scenario
    const { server } = scenario
    const rejected = await page.evaluate(() => window.client.peekAccessToken())
    await page.evaluate(
      async ([ours, theirs]) => {
        const { MapLibre, client, library } = window
        const source = (origin = "") => ({
          type: "raster" as const,
          tiles: [`${origin}/{z}/{x}/{y}`],
          tileSize: 256,
        })
        const map: MapLibreMap = new MapLibre.Map({
          container: "map",
          style: {
            version: 8,
            sources: { ours: source(ours), theirs: source(theirs) },
            layers: [
              { id: "ours", type: "raster", source: "ours" },
              { id: "theirs", type: "raster", source: "theirs" },
            ],
          },
          transformRequest: library.transformRequest(client),
        })
        Object.assign(window, { map })
        await new Promise((resolve) => map.once("idle", resolve))
      },
      [tiles.origin, others.origin],
    )
    expect(new Set(tiles.seen)).toEqual(new Set([`Bearer ${rejected}`]))
    expect(new Set(others.seen)).toEqual(new Set([undefined]))

    tiles.seen.length = 0
    // Two tokens on, the map has asked once for none and once with the new one.
    await page.evaluate(async () => {
      const { client, library } = window
      const { map } = window as unknown as { map: MapLibreMap }
      const stop = library.onNewToken(client, () => map.refreshTiles("ours"))
      await client.getAccessToken({ force: true })
      stop()
      await client.getAccessToken({ force: true })
    })
    await expect.poll(() => tiles.seen.length).toBeGreaterThan(0)
    expect(tiles.seen).not.toContain(undefined)
    expect(tiles.seen).not.toContain(`Bearer ${rejected}`)
    expect(grants(server)).toHaveLength(3)
  })

  it("transformRequest asks for a token where there is none, and goes without", async () => {
    await using tiles = await startTiles()
    const { scenario, page } = await open(tiles.origin)
    await using _ = scenario
    const { server, context } = scenario
    await context.clock.install()
    const other = await scenario.open()
    const request = await page.evaluate(
      (url) => window.library.transformRequest(window.client)(url),
      `${tiles.origin}/1`,
    )
    expect(request.headers?.["Authorization"]).toMatch(/^Bearer [\w-]+$/)
    const outcome = await other.evaluate((url) => {
      const without = window.library.transformRequest(window.client)(url)
      return [without, window.library.transformRequest(window.client)("https://elsewhere.example/")]
    }, `${tiles.origin}/1`)
    expect(outcome).toEqual([{ url: `${tiles.origin}/1` }, { url: "https://elsewhere.example/" }])
    expect(grants(server)).toHaveLength(1)
  })

  it("fits the types of both libraries", () => {
    type TransformRequest = NonNullable<MapOptions["transformRequest"]>
    expectTypeOf<ReturnType<typeof transformRequest>>().toExtend<TransformRequest>()
    expectTypeOf(authorizeTiles<TileLayer>).returns.toEqualTypeOf<TileLayer>()
  })
})
