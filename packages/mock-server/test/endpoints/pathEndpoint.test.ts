import { describe, expect, it } from "vitest"
import type { MockServer, MockServerOptions } from "../../src/index.js"
import { last, login, stillServer } from "../tokens.js"

const signedIn = async (options?: MockServerOptions) => {
  const server = stillServer(options)
  const { accessToken } = await login(server)
  const get = (path: string, headers: Record<string, string> = { authorization: `Bearer ${accessToken}` }) =>
    server.fetch(`${server.url}/path/${path}`, { headers })
  return { server, accessToken, get, [Symbol.asyncDispose]: () => server.close() }
}

const tile = "demo-raster/raster/timestamp/demo-raster/tile/3/4/2"

describe("the paths of the API", () => {
  it("are described with the timestamps and styles that the provider's packages read", async () => {
    await using drive = await signedIn()
    expect(await (await drive.get("demo-raster")).json()).toMatchObject({
      id: "demo-raster",
      type: "raster",
      raster: {
        timestamps: [{ id: "demo-raster", status: "active", availability: { blocked: false }, zoom: 6 }],
        styles: [{ default: true }],
      },
    })
    expect(await (await drive.get("demo-vector")).json()).toMatchObject({ vector: { styles: [{}] } })
    expect(await (await drive.get("demo-folder")).json()).toEqual({
      id: "demo-folder",
      name: "Demo folder",
      type: "folder",
      trashed: false,
    })
    expect(last(drive.server)).toMatchObject({ endpoint: "path", decision: "served", clientId: "demo-app" })
  })

  it("give raster tiles for a token in the header or in the query", async () => {
    await using drive = await signedIn()
    for (const response of [
      await drive.get(tile),
      await drive.get(`${tile}?token=${drive.accessToken}&style=x`, {}),
    ]) {
      expect(response.status).toBe(200)
      expect(response.headers.get("content-type")).toBe("image/png")
      expect([...(await response.bytes()).subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47])
    }
    expect(drive.server.transcript()).not.toContain(drive.accessToken)
    expect(drive.server.lint()).toEqual([])
  })

  it("refuse a missing, an unknown and an expired token with 401 and a message", async () => {
    await using drive = await signedIn()
    expect((await drive.get(tile, {})).status).toBe(401)
    expect((await drive.get(`${tile}?token=unknown`, {})).status).toBe(401)
    drive.server.expireAccessTokens()
    for (const response of [
      await drive.get(tile),
      await drive.get(`${tile}?token=${drive.accessToken}`, {}),
    ]) {
      expect(response.status).toBe(401)
      expect(await response.json()).toEqual({ message: "The access token is invalid, expired or revoked." })
    }
    expect(last(drive.server)).toMatchObject({ field: "token", error: "invalid_token" })
  })

  it.each([
    "nothing",
    "demo-raster/vector/timestamp/demo-raster/listFeatures",
    "demo-raster/raster/timestamp/other/tile/0/0/0",
    "demo-raster/raster/timestamp/demo-raster/tile/1/2/0",
    "demo-raster/raster/timestamp/demo-raster/tile/1/-1/0",
    "demo-raster/raster/timestamp/demo-raster/tile/1/0",
    "demo-raster/raster/timestamp/demo-raster/tile/99/0/0",
    "demo-folder/folder",
    "demo-vector/vector/timestamp/demo-vector/nothing",
    "",
  ])("have nothing at %s", async (path) => {
    await using drive = await signedIn()
    const response = await drive.get(path)
    expect(response.status).toBe(404)
    expect(await response.json()).toEqual({ message: expect.any(String) })
  })

  it("give the features of a vector layer, all or by tile", async () => {
    await using drive = await signedIn()
    const layer = "demo-vector/vector/timestamp/demo-vector"
    const all = (await (await drive.get(`${layer}/listFeatures`)).json()) as {
      result: { features: unknown[] }
    }
    expect(all.result.features).toHaveLength(3)
    const tiles = [{ tileId: { zoom: 1, tileX: 1, tileY: 0 } }, { tileId: { zoom: 1, tileX: 0, tileY: 1 } }]
    const byTile = await drive.get(
      `${layer}/featuresByTiles?tiles=${encodeURIComponent(JSON.stringify(tiles))}`,
    )
    expect(await byTile.json()).toMatchObject([
      { result: { features: [{ properties: { name: "Utrecht" } }] }, nextPageStart: null },
      { result: { features: [{ properties: { name: "Lima" } }] } },
    ])
    for (const bad of ["", "{}", "[{}]", "[null]", '[{"tileId":{"zoom":1,"tileX":9,"tileY":0}}]']) {
      expect((await drive.get(`${layer}/featuresByTiles?tiles=${encodeURIComponent(bad)}`)).status).toBe(400)
    }
  })

  it("are those of the option `paths`, and can have faults", async () => {
    const feature = {
      type: "Feature",
      geometry: {
        type: "Polygon",
        coordinates: [
          [
            [1, 1],
            [2, 1],
            [2, 2],
            [1, 1],
          ],
        ],
      },
      properties: { id: "a" },
    } as const
    await using drive = await signedIn({
      paths: [{ id: "fields", type: "vector", timestampId: "t1", features: [feature] }],
    })
    const response = await drive.get("fields/vector/timestamp/t1/listFeatures")
    expect(await response.json()).toMatchObject({ result: { features: [feature] } })
    expect((await drive.get("demo-raster")).status).toBe(404)
    drive.server.faults.next("path", { reply: { status: 429 } })
    expect((await drive.get("fields")).status).toBe(429)
  })

  it("are listed by root, by folder and by name, as the provider's folder picker asks for them", async () => {
    await using drive = await signedIn()
    const names = async (route: string) => {
      const headers = { authorization: `Bearer ${drive.accessToken}` }
      const response = await drive.server.fetch(`${drive.server.url}/${route}`, { headers })
      expect(response.status).toBe(200)
      const { result } = (await response.json()) as { result: readonly { readonly id: string }[] }
      return result.map(({ id }) => id)
    }
    expect(await names("account/root/myDrive?&isFolder=true")).toEqual(["demo-folder"])
    expect(await names("account/root/myDrive?&isFolder=false")).toEqual(["demo-raster"])
    expect(await names("account/root/sharedWithMe")).toEqual([])
    expect(await names("path/demo-folder/list?isFolder=false")).toEqual(["demo-vector"])
    expect(await names("path/demo-folder/list?isFolder=true")).toEqual([])
    expect(await names('path?type=["raster","vector"]&name=layer')).toEqual(["demo-raster", "demo-vector"])
    expect(await names("path?name=FOLDER")).toEqual(["demo-folder"])

    const layer = await (await drive.get("demo-raster")).json()
    expect(layer).toMatchObject({ yourAccess: { accessLevel: expect.any(Number) } })
    expect((await drive.get("demo-raster/list")).status).toBe(404)
    const other = `${drive.server.url}/account/root/nothing?token=${drive.accessToken}`
    expect((await drive.server.fetch(other)).status).toBe(404)
    expect((await drive.server.fetch(`${drive.server.url}/account/root/myDrive`)).status).toBe(401)
  })

  it("are in a folder of the list, or in none", () => {
    const paths = [{ id: "a", type: "raster", parentId: "b" }] as const
    expect(() => stillServer({ paths })).toThrow(
      'Option "paths[0].parentId" must be the id of a folder in the list, got "b".',
    )
  })

  it("can be requested by a browser with a header", async () => {
    await using server: MockServer = stillServer()
    const response = await server.fetch(`${server.url}/path/${tile}`, {
      method: "OPTIONS",
      headers: { origin: "http://localhost:3000", "access-control-request-headers": "authorization" },
    })
    expect(response.status).toBe(204)
    expect(response.headers.get("access-control-allow-headers")).toBe("authorization")
  })
})
