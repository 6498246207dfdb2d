/** A call of what an app gave, where its failure must not cost anybody a token: a throw or a rejection is ignored. */
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
