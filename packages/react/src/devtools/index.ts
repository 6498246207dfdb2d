/**
 * The panel for developers, in a separate entry, so that it is only in the bundles of apps that import it.
 *
 * @module
 */
export * from "./TokenDevtools.js"
