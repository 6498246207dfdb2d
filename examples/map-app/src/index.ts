/** The map, over whatever client it is given. */
export * from "./renderMapApp.js"
