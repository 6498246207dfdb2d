/** Starts work for its first user, and stops it after the last one. A user calls the returned function at its end. */
export const refCounted = (start: () => () => void): (() => () => void) => {
  let users = 0
  let stop = () => {}
  return () => {
    if (users++ === 0) stop = start()
    let isUsed = true
    return () => {
      if (!isUsed) return
      isUsed = false
      if (--users === 0) stop()
    }
  }
}
