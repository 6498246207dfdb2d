/** A tile of the temperature, in the Web Mercator grid that every web map has. */
import { encodePng } from "./png.js"
import { classOf, palette, temperatureAt } from "./temperature.js"

const size = 256

const deepest = 8

/** `undefined` where the grid has no such tile. */
export const temperatureTile = (z: number, x: number, y: number): Buffer | undefined => {
  const tiles = 2 ** z
  if (z > deepest || x >= tiles || y >= tiles) return undefined
  const pixels = new Uint8Array(size * size)
  for (let row = 0; row < size; row++) {
    const latitude = latitudeOf((y + (row + 0.5) / size) / tiles)
    for (let column = 0; column < size; column++) {
      const longitude = ((x + (column + 0.5) / size) / tiles) * 360 - 180
      pixels[row * size + column] = classOf(temperatureAt(longitude, latitude))
    }
  }
  return encodePng({ width: size, height: size, pixels, palette })
}

/** @param share of the map, from its top: 0 to 1 */
const latitudeOf = (share: number): number =>
  (Math.atan(Math.sinh(Math.PI * (1 - 2 * share))) * 180) / Math.PI
