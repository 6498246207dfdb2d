/** What the examples use of the provider's package, which has no types of its own. As version 1.3.23 does it. */
declare module "ellipsis-js-util" {
  import type { Feature } from "geojson"

  /** Left out for public layers. With `{ token: undefined }` the package sends "Bearer undefined". */
  interface User {
    readonly token: string
  }

  interface Timestamp {
    readonly id: string
    readonly status: string
    readonly trashed: boolean
    readonly availability: { readonly blocked: boolean }
    readonly zoom: number
  }

  /** A layer or a folder, as the API describes it. */
  export interface Path {
    readonly id: string
    readonly name: string
    readonly type: "raster" | "vector" | "folder"
    readonly raster?: LayerInfo
    readonly vector?: LayerInfo
  }

  export interface LayerInfo {
    readonly timestamps: readonly Timestamp[]
    readonly styles: readonly { readonly id: string; readonly default: boolean }[]
  }

  interface ListOfPaths {
    readonly result: readonly Path[]
  }

  export const EllipsisApi: {
    setApiUrl(url: string): void
    getPath(id: string, user?: User): Promise<Path>
    get(route: "/account", query?: undefined, user?: User): Promise<{ readonly username: string }>
    get(route: string, query: Readonly<Record<string, unknown>>, user?: User): Promise<ListOfPaths>
  }

  export const RasterLayerUtil: {
    /** The URL of a layer's tiles, with `{z}`, `{x}` and `{y}`. A `token` would be a part of it. */
    getSlippyMapUrl(options: {
      readonly pathId: string
      readonly timestampId: string
      readonly style: string | object
      readonly token?: string
    }): string
  }

  interface MapView {
    readonly bounds: {
      readonly xMin: number
      readonly xMax: number
      readonly yMin: number
      readonly yMax: number
    }
    readonly zoom: number
  }

  class EllipsisVectorLayerBase {
    constructor(options: { readonly pathId: string; readonly token?: string })
    /** Read at each request. */
    readonly options: { token?: string }
    /** What the map shows; `undefined` where it is gone. To be set. */
    getMapBounds: () => MapView | undefined
    /** Called when there are new features. To be set. */
    updateView: () => void
    /** Loads the features of what the map shows. */
    update(): Promise<void>
    getFeatures(): Feature[]
  }

  export const VectorLayerUtil: { readonly EllipsisVectorLayerBase: typeof EllipsisVectorLayerBase }
}
