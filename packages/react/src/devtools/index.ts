/**
 * The panel for developers, in an entry of its own: who does not import it has nothing of it in the bundle.
 *
 * @module
 */
export * from "./TokenDevtools.js"
