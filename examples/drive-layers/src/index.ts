/** Layers of the drive on a map, with the provider's own packages. */
/// <reference path="./ellipsis-js-util.d.ts" />
export { DrivePicker } from "./DrivePicker.js"
export { getLayer } from "./getLayer.js"
export { leafletRaster } from "./leafletRaster.js"
export { mapLibreRaster } from "./mapLibreRaster.js"
export { mapLibreVector } from "./mapLibreVector.js"
export { openPicker } from "./openPicker.js"
export { tileUrl } from "./tileUrl.js"
export { withoutTokenInUrl } from "./withoutTokenInUrl.js"
