/** Buoys that do not exist, and what they would measure. */
import type { Stations } from "../src/stations.js"
import { colorOf, temperatureAt } from "./temperature.js"

const places = [
  ["Dogger Bank", 2.3, 54.9],
  ["Skagerrak", 9.2, 58.1],
  ["Rockall Trough", -11.5, 55.4],
  ["Celtic Sea", -7.6, 50.2],
  ["Bay of Biscay", -5.1, 45.4],
  ["Iceland Basin", -21.5, 59.8],
  ["Azores Front", -27.3, 36.2],
  ["Gulf of Cádiz", -7.7, 36.2],
  ["Ligurian Sea", 8.7, 43.4],
  ["Ionian Sea", 18.4, 37.2],
] as const

export const stations: Stations = {
  type: "FeatureCollection",
  features: places.map(([name, longitude, latitude]) => {
    const celsius = temperatureAt(longitude, latitude)
    return {
      type: "Feature",
      geometry: { type: "Point", coordinates: [longitude, latitude] },
      properties: { name, celsius: Math.round(celsius * 10) / 10, color: colorOf(celsius) },
    }
  }),
}
