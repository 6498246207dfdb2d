/** Calls a function of the app and ignores what it throws or rejects with, so that it cannot break a refresh. */
export const callQuietly = (call: () => unknown): void => {
  try {
    const result = call()
    if (typeof result === "object" && result !== null && "then" in result) {
      Promise.resolve(result).catch(() => {})
    }
  } catch {
    // As above.
  }
}
