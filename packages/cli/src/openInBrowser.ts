/** The browser, which is a program of others: it gets no secret. */
import { secretVariables } from "./Secrets.js"

/** What was read from these variables is kept by the process; nothing that it starts inherits them. */
export const openInBrowser = async (url: string): Promise<unknown> => {
  for (const variable of secretVariables) delete process.env[variable]
  const { default: open } = await import("open")
  return open(url)
}
