/** What the examples start: a page with its map data and the mock server. */
export * from "./startMap.js"
