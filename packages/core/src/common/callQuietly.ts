/** Calls a function of the app and ignores what it throws or rejects with, so that it cannot break a refresh. */
export const callQuietly = (call: () => unknown): void => {
  void (async () => call())().catch(() => {})
}
