/** How long a browser is given to leave the page, in milliseconds. */
const maxLeaveTime = 10_000

/** Goes to a URL. Calls back where this page is still there later: the user stopped it, or nothing came. */
export const leaveFor = (url: string, onStay: () => void): void => {
  location.assign(url)
  setTimeout(onStay, maxLeaveTime)
}
