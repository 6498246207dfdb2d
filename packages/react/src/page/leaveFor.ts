/** How long a browser may take to leave the page, in milliseconds. */
const maxLeaveTime = 10_000

/** Goes to a URL. Calls back if this page is still open later: the user stopped the load, or it failed. */
export const leaveFor = (url: string, onStay: () => void): void => {
  location.assign(url)
  setTimeout(onStay, maxLeaveTime)
}
