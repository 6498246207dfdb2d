/** The page of the tests: the recipes, beside the client of the library's own test page. */
import { EllipsisApi } from "ellipsis-js-util"
import * as Leaflet from "leaflet"
import * as MapLibre from "maplibre-gl"
import { client } from "../../../packages/react/test/browser/page.js"
import * as recipes from "../src/index.js"

declare global {
  interface Window {
    readonly recipes: typeof recipes
    readonly EllipsisApi: typeof EllipsisApi
    readonly Leaflet: typeof Leaflet
    readonly MapLibre: typeof MapLibre
  }
}

EllipsisApi.setApiUrl(window.site.baseUrl)
const map = document.createElement("div")
map.id = "map"
map.style.cssText = "width: 300px; height: 300px"
const drive = document.createElement("div")
drive.id = "drive"
document.body.append(map, drive)
Object.assign(window, { client, recipes, EllipsisApi, Leaflet, MapLibre })
