import { describe, expect, it } from "vitest"
import type { MockServer, MockServerOptions } from "../../src/index.js"
import type { Feature } from "../../src/protocol/MockPath.js"
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

const point = (longitude: number, latitude: number, properties: Readonly<Record<string, unknown>> = {}) =>
  ({ type: "Feature", geometry: { type: "Point", coordinates: [longitude, latitude] }, properties }) as const

describe("a path of the API", () => {
  it.each(["raster", "vector"] as const)("of type %s is described whole", async (type) => {
    await using drive = await signedIn({ paths: [{ id: "a", type, name: "Fields", timestampId: "t1" }] })
    const constant = (value: unknown) => ({ type: "constant", target: { type: "value", value } })
    expect(await (await drive.get("a")).json()).toEqual({
      id: "a",
      name: "Fields",
      type,
      trashed: false,
      yourAccess: { accessLevel: 550 },
      [type]: {
        timestamps: [
          { id: "t1", status: "active", trashed: false, availability: { blocked: false }, zoom: 6 },
        ],
        styles: [
          {
            id: "a-style",
            name: "Default",
            method: "v2",
            default: true,
            parameters: {
              fill: constant("#1f9d57"),
              radius: constant(6),
              width: constant(2),
              alphaMultiplier: 1,
            },
          },
        ],
      },
    })
    expect(last(drive.server)).toMatchObject({
      method: "GET",
      status: 200,
      familyId: drive.server.families[0]?.id,
      reason: "The access token is valid; it belongs to demo.",
    })
  })

  it.each<[string, string, string | undefined]>([
    ["nothing", "There is no path with this id.", "demo-raster or demo-vector or demo-folder"],
    ["", "There is no path with this id.", "demo-raster or demo-vector or demo-folder"],
    ["demo-raster/list", "This path is not a folder.", undefined],
    ["demo-folder/list/more", "This path is a folder; it has no such resource.", undefined],
    ["demo-folder/folder", "This path is a folder; it has no such resource.", undefined],
    [
      "demo-folder/folder/timestamp/demo-folder/listFeatures",
      "This path is a folder; it has no such resource.",
      undefined,
    ],
    ...[
      "raster",
      "vector/timestamp/demo-raster/tile/0/0/0",
      "raster/time/demo-raster/tile/0/0/0",
      "raster/timestamp/other/tile/0/0/0",
      "raster/timestamp",
      "raster/list",
    ].map((rest): [string, string, string] => [
      `demo-raster/${rest}`,
      "This path is a raster; it has no such resource.",
      "/path/demo-raster/raster/timestamp/demo-raster/…",
    ]),
    [
      "demo-vector/raster/timestamp/demo-vector/tile/0/0/0",
      "This path is a vector; it has no such resource.",
      "/path/demo-vector/vector/timestamp/demo-vector/…",
    ],
    ...["nothing", "listFeatures/more", ""].map((rest): [string, string, string] => [
      `demo-vector/vector/timestamp/demo-vector/${rest}`,
      "A vector layer does not have this operation.",
      "listFeatures, compressedListFeatures or featuresByTiles",
    ]),
    ...["tile", "image/0/0/0", "tile/0/0/0/0", "tile/0/0/", "tile/a1/0/0", "tile/0/0/0a"].map(
      (rest): [string, string, string] => [
        `demo-raster/raster/timestamp/demo-raster/${rest}`,
        "A raster layer does not have this tile.",
        "tile/{z}/{x}/{y}",
      ],
    ),
  ])("that does not exist is refused with the reason: %s", async (path, reason, expected) => {
    await using drive = await signedIn()
    const response = await drive.get(path)
    expect([response.status, await response.json()]).toEqual([404, { message: reason }])
    const { familyId, ...entry } = last(drive.server)
    expect(familyId).toBe(drive.server.families[0]?.id)
    expect({ expected: undefined, ...entry }).toMatchObject({
      decision: "refused",
      error: "invalid_request",
      reason,
      expected,
    })
  })

  it("that does not exist is refused with the first five that do", async () => {
    const paths = ["a", "b", "c", "d", "e", "f"].map((id) => ({ id, type: "raster" }) as const)
    await using drive = await signedIn({ paths })
    await drive.get("nothing")
    expect(last(drive.server).expected).toBe("a or b or c or d or e")
  })

  it.each(["path/demo-raster", "account/root/myDrive", "path"])("takes only GET at %s", async (route) => {
    await using drive = await signedIn()
    const { server } = drive
    const response = await server.fetch(`${server.url}/${route}`, { method: "POST" })
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET"])
    const reason = "This endpoint of the mock server takes only GET."
    expect(await response.json()).toEqual({ message: reason })
    expect(last(server)).toMatchObject({ decision: "refused", error: "invalid_request", reason })
  })

  it.each([
    ["0/0/0", true],
    ["1/1/1", true],
    ["1/2/0", false],
    ["1/0/2", false],
    ["30/1073741823/1073741823", true],
    ["30/1073741824/0", false],
    ["31/0/0", false],
    ["0/00000000000/0", false],
    ["00000000000/0/0", false],
    ["1.0/0/0", false],
  ])("has the tile %s: %s", async (id, exists) => {
    await using drive = await signedIn()
    const response = await drive.get(`demo-raster/raster/timestamp/demo-raster/tile/${id}`)
    expect(response.status).toBe(exists ? 200 : 404)
    if (exists) expect(response.headers.get("cache-control")).toBe("no-store")
  })
})

describe("the features of a vector layer", () => {
  const layer = "fields/vector/timestamp/fields"
  const featuresOf = async (
    features: readonly Feature[],
    operation: string,
  ): Promise<{ readonly status: number; readonly body: unknown }> => {
    await using drive = await signedIn({ paths: [{ id: "fields", type: "vector", features }] })
    const response = await drive.get(`${layer}/${operation}`)
    return { status: response.status, body: await response.json() }
  }
  const byTiles = (features: readonly Feature[], tiles: unknown) =>
    featuresOf(features, `featuresByTiles?tiles=${encodeURIComponent(JSON.stringify(tiles))}`)
  const tileId = (zoom: unknown, tileX: unknown, tileY: unknown) => ({ tileId: { zoom, tileX, tileY } })

  it.each(["listFeatures", "compressedListFeatures"])("have ids and a size with %s", async (operation) => {
    const { status, body } = await featuresOf([point(1, 1), point(2, 2, { id: "own", a: 1 })], operation)
    expect(status).toBe(200)
    const result = {
      type: "FeatureCollection",
      features: [point(1, 1, { id: "1" }), point(2, 2, { id: "own", a: 1 })],
    }
    expect(body).toEqual({ result, size: JSON.stringify(result).length, nextPageStart: null })
  })

  it.each([
    [5.12, 52.09, tileId(6, 32, 21)],
    [36.82, -1.29, tileId(6, 38, 32)],
    [-77.03, -12.05, tileId(6, 18, 34)],
    [-180, 0, tileId(1, 0, 1)],
    [0, 0, tileId(1, 1, 1)],
    [179.9, 85, tileId(4, 15, 0)],
    [-179.9, -85, tileId(4, 0, 15)],
  ])("at %d, %d are in one tile", async (longitude, latitude, tile) => {
    const { zoom, tileX, tileY } = tile.tileId
    const count = 2 ** Number(zoom)
    const others = [
      tileId(zoom, (Number(tileX) + 1) % count, tileY),
      tileId(zoom, tileX, (Number(tileY) + 1) % count),
    ]
    const { body } = await byTiles([point(longitude, latitude)], [tile, ...others])
    const found = (body as ReadonlyArray<{ result: { features: unknown[] } }>).map(
      ({ result }) => result.features.length,
    )
    expect(found).toEqual([1, 0, 0])
  })

  it("are found by their first point, however deep it is, and are in no tile without one", async () => {
    const at = (coordinates: readonly unknown[]): Feature => ({
      type: "Feature",
      geometry: { type: "Any", coordinates },
      properties: {},
    })
    const inside = [
      [1, 1],
      [
        [1, 1],
        [-1, -1],
      ],
      [[[1, 1]]],
      [[[[1, 1]]]],
    ]
    const outside = [[], [[]], ["1", "1"], [1], [null]]
    const { body } = await byTiles([...inside, ...outside].map(at), [tileId(1, 1, 0), tileId(0, 0, 0)])
    const found = (body as ReadonlyArray<{ result: { features: readonly Feature[] } }>).map(({ result }) =>
      result.features.map(({ geometry }) => geometry.coordinates),
    )
    expect(found).toEqual([inside, inside])
  })

  it.each([
    ["no list", {}],
    ["a tile id that is missing", [{}]],
    ["a tile that is null", [null]],
    ["101 tiles", Array.from({ length: 101 }, () => tileId(0, 0, 0))],
    ["a zoom as text", [tileId("0", 0, 0)]],
    ["a column as text", [tileId(0, "0", 0)]],
    ["a row as text", [tileId(0, 0, "0")]],
    ["half a zoom", [tileId(1.5, 0, 0)]],
    ["half a column", [tileId(1, 0.5, 0)]],
    ["half a row", [tileId(1, 0, 0.5)]],
    ["a negative zoom", [tileId(-1, 0, 0)]],
    ["a negative column", [tileId(1, -1, 0)]],
    ["a negative row", [tileId(1, 0, -1)]],
    ["a column too far", [tileId(1, 2, 0)]],
    ["a row too far", [tileId(1, 0, 2)]],
    ["zoom 31", [tileId(31, 0, 0)]],
    ["one bad tile after a good one", [tileId(0, 0, 0), tileId(31, 0, 0)]],
  ])("are refused by tile with %s", async (_, tiles) => {
    const { status, body } = await byTiles([], tiles)
    expect([status, body]).toEqual([
      400,
      { message: "The parameter tiles is not a JSON array of at most 100 tiles." },
    ])
  })

  it("are given for up to 100 tiles, and the log says what is wrong with others", async () => {
    const { status, body } = await byTiles(
      [],
      Array.from({ length: 100 }, () => tileId(30, 0, 0)),
    )
    expect([status, (body as unknown[]).length]).toEqual([200, 100])
    await using drive = await signedIn()
    await drive.get("demo-vector/vector/timestamp/demo-vector/featuresByTiles")
    expect(last(drive.server)).toMatchObject({
      status: 400,
      reason: "The parameter tiles is not a JSON array of at most 100 tiles.",
      field: "tiles",
      expected: '[{ "tileId": { "zoom": 0, "tileX": 0, "tileY": 0 } }]',
    })
  })
})

describe("a list of paths", () => {
  const listed = async (route: string) => {
    await using drive = await signedIn()
    const headers = { authorization: `Bearer ${drive.accessToken}` }
    const response = await drive.server.fetch(`${drive.server.url}/${route}`, { headers })
    return (await response.json()) as {
      readonly result: ReadonlyArray<{ readonly id: string }>
      readonly message?: string
    }
  }

  it("has a size and no next page", async () => {
    expect(await listed("path?name=folder")).toEqual({
      result: [{ id: "demo-folder", name: "Demo folder", type: "folder", trashed: false }],
      size: 1,
      nextPageStart: null,
    })
    expect(await listed("account/root/favorites")).toEqual({ result: [], size: 0, nextPageStart: null })
  })

  it.each([
    ["path", ["demo-raster", "demo-vector", "demo-folder"]],
    ["path?type=", ["demo-raster", "demo-vector", "demo-folder"]],
    ['path?type=["folder"]', ["demo-folder"]],
    ['path?type=["raster"]&name=vector', []],
    ["path?type=raster", []],
    ["path?isFolder=false", ["demo-raster", "demo-vector"]],
    ["path?isFolder=true", ["demo-folder"]],
    ["path?name=VECTOR", ["demo-vector"]],
    ["path/demo-folder/list", ["demo-vector"]],
    ["account/root/myDrive", ["demo-raster", "demo-folder"]],
    ["account/root/sharedWithMe", []],
  ])("at %s contains %j", async (route, ids) => {
    expect((await listed(route)).result.map(({ id }) => id)).toEqual(ids)
  })

  it("does not exist for another root", async () => {
    await using drive = await signedIn()
    const { server } = drive
    const response = await server.fetch(`${server.url}/account/root/nothing?token=${drive.accessToken}`)
    expect([response.status, await response.json()]).toEqual([404, { message: "This root does not exist." }])
    expect(last(server).expected).toBe("myDrive, sharedWithMe, favorites")
  })
})

describe("the image of a tile", () => {
  it("is a whole PNG file of 256 by 256 pixels", async () => {
    await using drive = await signedIn()
    const bytes = Buffer.from(await (await drive.get(tile)).bytes())
    expect(bytes.subarray(12, 16).toString()).toBe("IHDR")
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([256, 256])
    expect(bytes.subarray(-8, -4).toString()).toBe("IEND")
  })
})
