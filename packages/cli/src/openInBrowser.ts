/** Opens the browser without the environment variables that contain secrets. */
import { secretVariables } from "./Secrets.js"

/** Removes the variables, which were already read, so that no child process inherits them. */
export const openInBrowser = async (url: string): Promise<unknown> => {
  for (const variable of secretVariables) delete process.env[variable]
  const { default: open } = await import("open")
  return open(url)
}
