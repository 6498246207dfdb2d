/** Starts something for its first user, and stops it after its last one; each ends its use by the returned function. */
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
