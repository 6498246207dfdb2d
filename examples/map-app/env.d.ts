/** Where the examples' servers are: see `start.ts` of each. */
interface ImportMetaEnv {
  /** The base URL of Ellipsis Drive's API: the mock server's. */
  readonly VITE_DRIVE_URL: string
  /** The origin of the map data. */
  readonly VITE_MAP_DATA_URL: string
}
