/** What the log shows of an `Authorization` header: its scheme. A header without a scheme may be a token. */
export const describeScheme = (header: string): string => {
  const scheme = /^(?:(?:basic|bearer)$|[a-z-]{1,20}(?= ))/i.exec(header.trim())?.[0]
  return scheme === undefined ? "a header without a scheme" : `the scheme ${scheme}`
}
