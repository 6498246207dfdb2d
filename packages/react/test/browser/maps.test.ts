/** Protected tiles in real maps, in Chromium. */
import type { Coords, TileLayer } from "leaflet"
import type { Map as MapLibreMap, MapOptions } from "maplibre-gl"
import type { Page } from "playwright-core"
import { afterAll, describe, expect, expectTypeOf, it } from "vitest"
import { launchChromium } from "../../../mock-server/test/chromium.js"
import { authorizeTiles, type transformRequest, type transformRequestAsync } from "../../src/index.js"
import { bundle, grants, listen, type ScenarioOptions, startScenario, statusIs } from "./scenario.js"

const browser = await launchChromium()
afterAll(() => browser?.close())

const mapLibraries = await bundle("maps-page.ts")
/** As one script: the page of the tests is inline, and MapLibre looks for its worker beside itself. */
const mapWorker = await bundle(import.meta.resolve("maplibre-gl/dist/maplibre-gl-worker.mjs"))

/** One pixel. */
const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
)

/** Tiles for requests with a token that the API still accepts. */
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

/** A map's requests of every kind: a style with a sprite, glyphs, TileJSON, tiles and GeoJSON, which need a token each. */
const startMapApi = async () => {
  const seen: { readonly path: string; readonly authorization: string | undefined }[] = []
  const isPublic = new Set<string>()
  const dead = new Set<string>()
  let origin = ""
  const point = {
    type: "Feature",
    properties: { name: "A" },
    geometry: { type: "Point", coordinates: [5, 52] },
  }
  const style = () => ({
    version: 8,
    sprite: `${origin}/sprite`,
    glyphs: `${origin}/glyphs/{fontstack}/{range}.pbf`,
    sources: {
      raster: { type: "raster", url: `${origin}/tiles.json`, tileSize: 256 },
      vector: { type: "vector", tiles: [`${origin}/vector/{z}/{x}/{y}`] },
      points: { type: "geojson", data: `${origin}/points` },
    },
    layers: [
      { id: "raster", type: "raster", source: "raster" },
      { id: "vector", type: "line", source: "vector", "source-layer": "none" },
      {
        id: "names",
        type: "symbol",
        source: "points",
        layout: { "text-field": ["get", "name"], "text-font": ["Some"] },
      },
    ],
  })
  const bodies: Record<string, () => string | Buffer> = {
    style: () => JSON.stringify(style()),
    sprite: () => "{}",
    "tiles.json": () => JSON.stringify({ tilejson: "3.0.0", tiles: [`${origin}/tile/{z}/{x}/{y}`] }),
    points: () => JSON.stringify({ type: "FeatureCollection", features: [point] }),
    tile: () => png,
    vector: () => Buffer.alloc(0),
    glyphs: () => Buffer.alloc(0),
  }
  const listener = await listen((request, response) => {
    response.setHeader("access-control-allow-origin", "*")
    response.setHeader("access-control-allow-headers", "authorization")
    const { url: path = "/", method, headers } = request
    if (method === "OPTIONS") {
      response.end()
      return
    }
    const { authorization } = headers
    seen.push({ path, authorization })
    const isRefused = authorization === undefined || dead.has(authorization)
    if (isRefused && !isPublic.has(path) && !isPublic.has("all")) {
      response.writeHead(401).end()
      return
    }
    const name = path.split(/[/?]/)[1] ?? ""
    const body =
      name.startsWith("sprite") && name.endsWith(".png")
        ? png
        : bodies[name.replace(/^sprite.*/, "sprite")]?.()
    response.end(body)
  })
  origin = listener.origin
  const kinds = () => new Set(seen.map(({ path }) => path.split(/[/?]/)[1]))
  return { ...listener, seen, dead, isPublic, kinds }
}

const everyKind = ["style", "sprite.json", "sprite.png", "tiles.json", "tile", "vector", "points", "glyphs"]

interface MapOutcome {
  readonly errors: readonly string[]
  readonly rejections: readonly string[]
  readonly isLoaded: boolean
}

/** Makes a map of a style until it is idle, and tells what it reported. */
const showStyle = (page: Page, origin: string): Promise<MapOutcome> =>
  page.evaluate(async (style) => {
    const { MapLibre, client, library } = window
    const rejections: string[] = []
    const errors: string[] = []
    addEventListener("unhandledrejection", ({ reason }) => rejections.push(String(reason)))
    const container = document.querySelector<HTMLElement>("#map")
    if (container === null) throw new Error("no #map")
    const map: MapLibreMap = new MapLibre.Map({
      container,
      style,
      transformRequest: library.transformRequestAsync(client),
    })
    Object.assign(window, { map })
    map.on("error", ({ error }) => errors.push(String(error)))
    const idle = map.once("idle").then(() => true)
    const isLoaded = await Promise.race([idle, map.once("error").then(() => false)])
    return { errors, rejections, isLoaded }
  }, `${origin}/style`)

const addMap = async (page: Page) => {
  await page.addScriptTag({ content: mapLibraries, type: "module" })
  await page.waitForFunction("window.MapLibre")
  await page.evaluate((worker) => {
    window.MapLibre.setWorkerUrl(URL.createObjectURL(new Blob([worker], { type: "text/javascript" })))
    const map = document.createElement("div")
    map.id = "map"
    map.style.cssText = "width: 300px; height: 300px"
    const style = document.createElement("style")
    // The part of Leaflet's style sheet that hides what is not loaded.
    style.textContent = ".leaflet-tile { visibility: hidden } .leaflet-tile-loaded { visibility: inherit }"
    document.body.append(map, style)
  }, mapWorker)
}

/** A user whose access token has expired by the time the page is reloaded, a day later. */
const reloaded = async (apiOrigin: string, what: ScenarioOptions = {}) => {
  const scenario = await startScenario(browser, {
    ...what,
    options: { apiOrigins: [apiOrigin], storage: "local", persistRefreshToken: true },
  })
  const page = await scenario.signIn()
  const accessToken = await page.evaluate(() => window.client.peekAccessToken())
  scenario.server.clock.advance("1 day")
  await page.addInitScript(() => Object.assign(window, { ahead: 24 * 3_600_000, manual: true }))
  await page.goto(scenario.origin)
  await addMap(page)
  return { scenario, page, dead: `Bearer ${accessToken}` }
}

const open = async (apiOrigin: string) => {
  const scenario = await startScenario(browser, { options: { apiOrigins: [apiOrigin] } })
  const page = await scenario.signIn()
  await addMap(page)
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

  it("MapLibre: after a reload with an expired token every request waits for a valid one", async () => {
    await using api = await startMapApi()
    const { scenario, page, dead } = await reloaded(api.origin)
    await using _ = scenario
    // As in React, where the effects of a child run before those of the provider.
    const outcome = await showStyle(page, api.origin)
    expect(outcome).toEqual({ errors: [], rejections: [], isLoaded: true })
    expect(api.kinds()).toEqual(new Set(everyKind))
    const tokens = new Set(api.seen.map(({ authorization }) => authorization))
    expect(tokens).toEqual(new Set([expect.stringMatching(/^Bearer [\w-]+$/)]))
    expect(tokens).not.toContain(dead)
    expect(grants(scenario.server)).toEqual(["authorization_code granted", "refresh_token granted"])
  })

  it("MapLibre: a token that cannot be had is an error of the map, and no request is sent", async () => {
    await using api = await startMapApi()
    const { scenario, page } = await reloaded(api.origin)
    await using _ = scenario
    scenario.server.faults.always("refresh", { reply: { status: 503, headers: { "retry-after": "60" } } })
    const outcome = await showStyle(page, api.origin)
    expect(outcome).toEqual({
      errors: [expect.stringContaining("TokenEndpointUnavailable")],
      rejections: [],
      isLoaded: false,
    })
    expect(api.seen).toEqual([])
  })

  it("MapLibre: sources, sprites, glyphs and tiles whose token fails leave no unhandled rejection", async () => {
    await using api = await startMapApi()
    api.isPublic.add("all")
    const { scenario, page } = await reloaded(api.origin)
    await using _ = scenario
    const style = await (await fetch(`${api.origin}/style`)).json()
    api.seen.length = 0
    scenario.server.faults.always("refresh", { reply: { status: 503, headers: { "retry-after": "60" } } })
    const outcome = await page.evaluate(async (style) => {
      const { MapLibre, client, library } = window
      const rejections: string[] = []
      const errors = new Set<string>()
      addEventListener("unhandledrejection", ({ reason }) => rejections.push(String(reason)))
      const container = document.querySelector<HTMLElement>("#map")
      if (container === null) throw new Error("no #map")
      const transformRequest = library.transformRequestAsync(client)
      const map: MapLibreMap = new MapLibre.Map({ container, style, transformRequest })
      map.on("error", ({ error }) => errors.add(String(error).split(":", 1)[0] ?? ""))
      await map.once("idle")
      return { rejections, errors: [...errors] }
    }, style)
    expect(outcome).toEqual({ rejections: [], errors: ["TokenEndpointUnavailable"] })
    expect(api.seen).toEqual([])
  })

  it("MapLibre: a map that is removed while its token is refreshed leaves nothing behind", async () => {
    await using api = await startMapApi()
    const { scenario, page } = await reloaded(api.origin)
    await using _ = scenario
    const { faults } = scenario.server
    faults.always("refresh", { reply: { status: 503, headers: { "retry-after": "60" } } })
    const refresh = faults.hold(1, { target: "refresh" })
    await page.evaluate((style) => {
      const { MapLibre, client, library } = window
      const rejections: string[] = []
      addEventListener("unhandledrejection", ({ reason }) => rejections.push(String(reason)))
      const container = document.querySelector<HTMLElement>("#map")
      if (container === null) throw new Error("no #map")
      const pending: Promise<unknown>[] = []
      const transform = library.transformRequestAsync(client)
      const map = new MapLibre.Map({
        container,
        style,
        transformRequest: (url) => {
          const request = transform(url)
          pending.push(request)
          return request
        },
      })
      Object.assign(window, { map, pending, rejections })
    }, `${api.origin}/style`)
    await refresh.full
    await page.evaluate("map.remove()")
    refresh.release()
    await page.evaluate("Promise.allSettled(pending)")
    expect(await page.evaluate("rejections")).toEqual([])
    expect(api.seen).toEqual([])
  })

  it("MapLibre: a signed-out user sees public layers, and others' servers see no token", async () => {
    await using api = await startMapApi()
    await using others = await startMapApi()
    api.isPublic.add("all")
    others.isPublic.add("all")
    await using scenario = await startScenario(browser, { options: { apiOrigins: [api.origin] } })
    const page = await scenario.open()
    await addMap(page)
    expect(await showStyle(page, api.origin)).toEqual({ errors: [], rejections: [], isLoaded: true })
    expect(new Set(api.seen.map(({ authorization }) => authorization))).toEqual(new Set([undefined]))

    await page.getByRole("button", { name: "redirect" }).click()
    await statusIs(page, "ready")
    await addMap(page)
    expect(await showStyle(page, others.origin)).toEqual({ errors: [], rejections: [], isLoaded: true })
    expect(new Set(others.seen.map(({ authorization }) => authorization))).toEqual(new Set([undefined]))
  })

  it("transformRequestAsync waits for a login that ends on this page, and fails with the error of a refresh", async () => {
    await using api = await startMapApi()
    await using scenario = await startScenario(browser, { options: { apiOrigins: [api.origin] } })
    const page = await scenario.open()
    await page.addInitScript(() => Object.assign(window, { manual: true }))
    await page.getByRole("button", { name: "redirect" }).click()
    await page.waitForURL(/\/callback\?.*code=/)
    await page.waitForFunction("window.client")
    const request = await page.evaluate(async (url) => {
      const { client, library } = window
      const pending = library.transformRequestAsync(client)(url)
      client.mount()
      return pending
    }, `${api.origin}/style`)
    expect(request).toEqual({
      url: `${api.origin}/style`,
      headers: { Authorization: expect.stringMatching(/^Bearer [\w-]+$/) },
    })

    await page.evaluate(() => window.client.logout())
    const withoutToken = await page.evaluate(
      (url) => window.library.transformRequestAsync(window.client)(url),
      `${api.origin}/style`,
    )
    expect(withoutToken).toEqual({ url: `${api.origin}/style` })
  })

  it("transformRequestAsync lets go of a request that the map gives up, and the refresh goes on", async () => {
    await using api = await startMapApi()
    const { scenario, page } = await reloaded(api.origin)
    await using _ = scenario
    const refresh = scenario.server.faults.hold(1, { target: "refresh" })
    await page.evaluate((url) => {
      const { client, library } = window
      const transformRequest = library.transformRequestAsync(client)
      const controller = new AbortController()
      const givenUp = transformRequest(url, "Tile", { signal: controller.signal }).catch(({ name }) => name)
      Object.assign(window, { controller, givenUp, other: transformRequest(url) })
    }, `${api.origin}/tile/0/0/0`)
    await refresh.full
    expect(await page.evaluate("controller.abort(), givenUp")).toBe("AbortError")
    refresh.release()
    expect(await page.evaluate("other")).toMatchObject({ headers: { Authorization: expect.any(String) } })
    expect(grants(scenario.server)).toEqual(["authorization_code granted", "refresh_token granted"])
  })

  it("Leaflet: a tile that fails fires tileerror, shows errorTileUrl, and can be tried again", async () => {
    await using api = await startMapApi()
    const { scenario, page } = await open(api.origin)
    await using _ = scenario
    let isDown = true
    await scenario.context.route(`${api.origin}/tile/**`, async (route) => {
      if (!isDown || route.request().method() === "OPTIONS") return route.fallback()
      await route.fulfill({ status: 503, headers: { "access-control-allow-origin": "*" } })
    })
    const errorTileUrl = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
    await page.evaluate(
      ([origin, errorTileUrl = ""]) => {
        const { Leaflet, client, library } = window
        const layer = library.authorizeTiles(
          client,
          Leaflet.tileLayer(`${origin}/tile/{z}/{x}/{y}`, { errorTileUrl, crossOrigin: "anonymous" }),
        )
        const failed: [HTMLImageElement, Coords][] = []
        const messages = new Set<string>()
        layer.on("tileerror", ({ error, tile, coords }) => {
          messages.add(error.message)
          failed.push([tile as HTMLImageElement, coords])
        })
        layer.addTo(Leaflet.map("map").setView([52, 5], 8))
        const retry = () => {
          for (const [tile, coords] of failed.splice(0)) tile.src = layer.getTileUrl(coords)
        }
        Object.assign(window, { retry, messages })
      },
      [api.origin, errorTileUrl],
    )
    const shown = () =>
      page.evaluate(() =>
        [...document.querySelectorAll<HTMLImageElement>("#map img.leaflet-tile")].map((tile) => ({
          visibility: getComputedStyle(tile).visibility,
          isComplete: tile.complete && tile.naturalWidth === 1,
          crossOrigin: tile.crossOrigin,
          source: tile.src.replace(/\/\d+\/\d+\/\d+$/, ""),
        })),
      )
    const everyTile = (source: string) => {
      const tile = { visibility: "visible", isComplete: true, crossOrigin: "anonymous", source }
      return expect
        .poll(async () => new Set((await shown()).map((tile) => JSON.stringify(tile))))
        .toEqual(new Set([JSON.stringify(tile)]))
    }
    await everyTile(errorTileUrl)
    expect(await page.evaluate("[...messages]")).toEqual(["The image was not loaded: HTTP 503."])
    expect(api.seen).toEqual([])

    isDown = false
    await page.evaluate("retry()")
    await everyTile(`${api.origin}/tile`)
    expect(api.seen.map(({ authorization }) => authorization)).not.toContain(undefined)
  })

  it("Leaflet: an errorTileUrl that fails too is tried once for each failure, also when the tile is tried again", async () => {
    await using api = await startMapApi()
    const { scenario, page } = await open(api.origin)
    await using _ = scenario
    const asked: string[] = []
    await scenario.context.route(`${api.origin}/{tile,none}/**`, async (route) => {
      if (route.request().method() === "OPTIONS") return route.fallback()
      asked.push(new URL(route.request().url()).pathname.split("/")[1] ?? "")
      await route.fulfill({ status: 503, headers: { "access-control-allow-origin": "*" } })
    })
    await page.evaluate((origin) => {
      const { Leaflet, client, library } = window
      const map = Leaflet.map("map", {
        maxBounds: [
          [52, 5],
          [52, 5],
        ],
      }).setView([52, 5], 8)
      const layer = library.authorizeTiles(
        client,
        Leaflet.tileLayer(`${origin}/tile/{z}/{x}/{y}`, { errorTileUrl: `${origin}/none/1` }),
      )
      const failed = new Map<HTMLImageElement, Coords>()
      layer.on("tileerror", ({ tile, coords }) => failed.set(tile as HTMLImageElement, coords))
      layer.addTo(map)
      const retry = () => {
        for (const [tile, coords] of failed) tile.src = layer.getTileUrl(coords)
      }
      Object.assign(window, { retry, failed, layer })
    }, api.origin)
    const count = (name: string) => asked.filter((each) => each === name).length
    const eachFails = async (times: number) => {
      await expect.poll(() => page.evaluate("layer.isLoading()")).toBe(false)
      const all = times * (await page.evaluate<number>("failed.size"))
      await expect.poll(() => [count("tile"), count("none")]).toEqual([all, all])
    }
    await eachFails(1)
    await page.evaluate("retry()")
    await eachFails(2)
  })

  it("Leaflet: tiles of a layer that is removed, redrawn or zoomed away are given up, and the token may rotate", async () => {
    await using api = await startMapApi()
    const { scenario, page } = await open(api.origin)
    await using _ = scenario
    const held: (() => Promise<void>)[] = []
    let isHeld = true
    await scenario.context.route(`${api.origin}/tile/**`, async (route) => {
      if (!isHeld || route.request().method() === "OPTIONS") return route.fallback()
      held.push(() => route.fallback().catch(() => {}))
    })
    await page.evaluate((origin) => {
      const { Leaflet, client, library } = window
      const map = Leaflet.map("map", { fadeAnimation: false }).setView([52, 5], 8)
      const layer = library.authorizeTiles(client, Leaflet.tileLayer(`${origin}/tile/{z}/{x}/{y}`))
      const events: string[] = []
      const rejections: string[] = []
      addEventListener("unhandledrejection", ({ reason }) => rejections.push(String(reason)))
      layer.on("tileerror tileload tileabort", ({ type }) => events.push(type))
      layer.addTo(map)
      Object.assign(window, { map, layer, events, rejections })
    }, api.origin)
    const events = () => page.evaluate("[...new Set(events)]")
    await expect.poll(() => held.length).toBeGreaterThan(0)

    // Leaflet gives up what is not complete when it zooms.
    await page.evaluate("map.setZoom(9)")
    await expect.poll(events).toEqual(["tileabort"])
    await page.evaluate("events.length = 0; layer.redraw(); layer.remove()")
    await Promise.all(held.splice(0).map((release) => release()))
    expect(await events()).toEqual([])
    expect(api.seen).toEqual([])

    // A new token while the tiles are on their way, which the API then wants.
    const before = await page.evaluate("layer.addTo(map); client.peekAccessToken()")
    await expect.poll(() => held.length).toBeGreaterThan(0)
    await page.evaluate(() => window.client.getAccessToken({ force: true }))
    api.dead.add(`Bearer ${before}`)
    isHeld = false
    await Promise.all(held.splice(0).map((release) => release()))
    await expect.poll(() => page.evaluate("layer.isLoading()")).toBe(false)
    expect(await events()).toEqual(["tileload"])
    expect(await page.evaluate("rejections")).toEqual([])
    expect(grants(scenario.server)).toEqual(["authorization_code granted", "refresh_token granted"])
  })

  it("Leaflet: a signed-out user sees public tiles, and a failed refresh is a tileerror", async () => {
    await using api = await startMapApi()
    api.isPublic.add("all")
    await using scenario = await startScenario(browser, { options: { apiOrigins: [api.origin] } })
    const page = await scenario.open()
    await addMap(page)
    const show = () =>
      page.evaluate(async (origin) => {
        const { Leaflet, client, library } = window
        const map = Leaflet.map("map").setView([52, 5], 8)
        const layer = library.authorizeTiles(client, Leaflet.tileLayer(`${origin}/tile/{z}/{x}/{y}`))
        const messages = new Set<string>()
        layer.on("tileerror", ({ error }) => messages.add(error.name))
        const loaded = new Promise((resolve) => layer.once("load", resolve))
        layer.addTo(map)
        await loaded
        const count = document.querySelectorAll("#map img.leaflet-tile-loaded").length
        map.remove()
        return { messages: [...messages], isShown: count > 0 }
      }, api.origin)
    expect(await show()).toEqual({ messages: [], isShown: true })

    await page.getByRole("button", { name: "redirect" }).click()
    await statusIs(page, "ready")
    await addMap(page)
    scenario.server.faults.always("refresh", { reply: { status: 503, headers: { "retry-after": "60" } } })
    await page.evaluate(() => Object.assign(window, { ahead: 24 * 3_600_000 }))
    expect(await show()).toEqual({ messages: ["TokenEndpointUnavailable"], isShown: false })
  })

  it("fits the types of both libraries", () => {
    type TransformRequest = NonNullable<MapOptions["transformRequest"]>
    expectTypeOf<ReturnType<typeof transformRequest>>().toExtend<TransformRequest>()
    expectTypeOf<ReturnType<typeof transformRequestAsync>>().toExtend<TransformRequest>()
    expectTypeOf(authorizeTiles<TileLayer>).returns.toEqualTypeOf<TileLayer>()
  })
})
