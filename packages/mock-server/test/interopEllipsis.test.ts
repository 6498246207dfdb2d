/** The provider's own JavaScript package against the mock server: what map apps are made of. */
import { readFileSync } from "node:fs"
import { runInNewContext } from "node:vm"
import { describe, expect, it } from "vitest"
import { last, login, stillServer } from "./tokens.js"

interface Layer {
  getMapBounds: () => object
  updateView: () => void
  update(): Promise<void>
  getFeatures(): ReadonlyArray<{ readonly properties: Readonly<Record<string, unknown>> }>
}

interface EllipsisUtil {
  readonly EllipsisApi: {
    setApiUrl(url: string): void
    getPath(id: string, options: { readonly token: string }): Promise<object>
  }
  readonly RasterLayerUtil: {
    getSlippyMapUrlWithDefaults(options: object): Promise<{ readonly url: string; readonly zoom: number }>
  }
  readonly VectorLayerUtil: { readonly EllipsisVectorLayerBase: new (options: object) => Layer }
}

/** It is made for browsers alone and looks for `self`. */
const load = (): EllipsisUtil => {
  const exports = {}
  const module = { exports }
  const source = readFileSync(new URL(import.meta.resolve("ellipsis-js-util")), "utf8")
  runInNewContext(source, {
    module,
    exports,
    self: globalThis,
    ...{ fetch, console, URLSearchParams, setTimeout, clearTimeout, JSON, Error },
  })
  return module.exports as EllipsisUtil
}

describe("ellipsis-js-util", () => {
  it("reads a path, loads a raster tile by its default timestamp and style, and the features of a vector layer", async () => {
    await using server = await stillServer().listen()
    const { accessToken: token } = await login(server)
    const { EllipsisApi, RasterLayerUtil, VectorLayerUtil } = load()
    EllipsisApi.setApiUrl(server.url)
    expect(await EllipsisApi.getPath("demo-folder", { token })).toMatchObject({ type: "folder" })

    const { url, zoom } = await RasterLayerUtil.getSlippyMapUrlWithDefaults({ pathId: "demo-raster", token })
    expect(zoom).toBe(6)
    const tile = await fetch(url.replace("{z}", "3").replace("{x}", "4").replace("{y}", "2"))
    expect([tile.status, tile.headers.get("content-type")]).toEqual([200, "image/png"])

    const layer = new VectorLayerUtil.EllipsisVectorLayerBase({ pathId: "demo-vector", token })
    layer.getMapBounds = () => ({ zoom: 3, bounds: { xMin: -180, xMax: 180, yMin: -85, yMax: 85 } })
    const drawn = new Promise<void>((resolve) => {
      layer.updateView = resolve
    })
    await layer.update()
    await drawn
    expect(layer.getFeatures().map(({ properties }) => properties["name"])).toEqual(
      expect.arrayContaining(["Utrecht", "Nairobi", "Lima"]),
    )
    expect(last(server)).toMatchObject({ endpoint: "path", decision: "served" })
  })

  it("fails with the message of a refused token", async () => {
    await using server = await stillServer().listen()
    const { EllipsisApi } = load()
    EllipsisApi.setApiUrl(server.url)
    await expect(EllipsisApi.getPath("demo-raster", { token: "old" })).rejects.toMatchObject({
      status: 401,
      message: "The access token is invalid, expired or revoked.",
    })
  })
})
