/** The commands that `vitest.projects.ts` gives to the tests in the browser. */
import type { Rendered } from "./renderOnServer.js"

declare module "vitest/browser" {
  interface BrowserCommands {
    renderOnServer: (page: string) => Promise<Rendered>
  }
}
