/** Whether the browser has no network. On a server, `false`. */
export const isOffline = (): boolean => globalThis.navigator?.onLine === false
