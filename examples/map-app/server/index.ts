/** What the examples start: a page with its map data and the mock server. */

export { buildApp } from "./serveApp.js"
export * from "./startMap.js"
