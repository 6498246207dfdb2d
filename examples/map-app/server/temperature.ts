/** The temperature of the sea's surface, made up: it falls with the latitude, along a warm current and in eddies. */

/** In degrees Celsius. */
export const temperatureAt = (longitude: number, latitude: number): number => {
  const byLatitude = 29 * Math.cos((Math.abs(latitude) * Math.PI) / 190) ** 2 - 2
  // A current that crosses the Atlantic to the north-east.
  const along = (longitude + 75) / 80
  const distance = latitude - (34 + 24 * along)
  const current = along > 0 && along < 1.3 ? 5 * Math.exp(-((distance / 9) ** 2)) : 0
  const eddies = 3.2 * noise(longitude / 9, latitude / 6) + 1.4 * noise(longitude / 3.5, latitude / 2.6)
  return byLatitude + current + eddies
}

/** The class on the map: 0 is below -0.5 °C, and each is 1.5 degrees wide. */
export const classOf = (celsius: number): number =>
  Math.min(Math.max(Math.floor((celsius + 2) / 1.5), 0), palette.length - 1)

export const colorOf = (celsius: number): string => palette[classOf(celsius)] ?? "#000000"

type Rgb = readonly [red: number, green: number, blue: number]

const stops: readonly Rgb[] = [
  [38, 34, 98],
  [43, 82, 150],
  [37, 130, 168],
  [70, 173, 160],
  [150, 205, 142],
  [236, 217, 130],
  [240, 164, 92],
  [216, 94, 76],
]

const shade = (share: number): string => {
  const place = share * (stops.length - 1)
  const [from, to] = [stops[Math.floor(place)], stops[Math.ceil(place)]]
  if (from === undefined || to === undefined) return "#000000"
  const channels = from.map((value, index) =>
    Math.round(value + ((to[index] ?? 0) - value) * (place - Math.floor(place))),
  )
  return `#${channels.map((value) => value.toString(16).padStart(2, "0")).join("")}`
}

/** The classes' colours, from cold to warm: `#rrggbb`. */
export const palette: readonly string[] = Array.from({ length: 22 }, (_, index) => shade(index / 21))

/** Smooth, from -1 to 1, and always the same. */
const noise = (x: number, y: number): number => {
  const [left, top] = [Math.floor(x), Math.floor(y)]
  const [u, v] = [ease(x - left), ease(y - top)]
  const upper = mix(random(left, top), random(left + 1, top), u)
  const lower = mix(random(left, top + 1), random(left + 1, top + 1), u)
  return mix(upper, lower, v) * 2 - 1
}

const ease = (t: number) => t * t * (3 - 2 * t)

const mix = (a: number, b: number, t: number) => a + (b - a) * t

const random = (x: number, y: number): number => {
  const value = Math.sin(x * 127.1 + y * 311.7) * 43_758.5453
  return value - Math.floor(value)
}
