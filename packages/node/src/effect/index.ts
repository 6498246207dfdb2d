/**
 * For Effect programs on Node.js: transports and stores as layers, and an `HttpClient` that calls an API.
 *
 * @module
 */
export * from "./authorizedHttpClient.js"
export * from "./httpClientTransport.js"
export * from "./tokenStores.js"
export * from "./transports.js"
